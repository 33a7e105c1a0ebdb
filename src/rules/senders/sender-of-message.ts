import { readMailboxes } from '../../ground/display/mailboxes.ts'
import { CodedError } from '../../ground/errors.ts'
import type { SenderPattern } from './sender-entry.ts'
import { senderPattern } from './sender-pattern.ts'

/** What amavisd knows of a message's sender. */
export interface MessageSender {
  /** Envelope sender; empty for a bounce. */
  readonly sender: string
  /** The From field, or `msgs.from_addr`. */
  readonly from: string
}

/**
 * The address for which an entry can be offered beside a message. amavisd compares both, the envelope sender and From;
 * what a reader sees and what stays the same is From, while an envelope sender is often of one mail alone
 * (`bounces+4711@…`). Undefined for a bounce, and where no address is certain.
 */
export function senderOfMessage({ sender, from }: MessageSender): SenderPattern | undefined {
  if (sender === '') return undefined
  const [first] = readMailboxes(from, sender)
  return patternOf(first?.address ?? '') ?? (first === undefined ? patternOf(sender) : undefined)
}

/** All addresses that amavisd compares with the lists. */
export const comparedAddresses = ({ sender, from }: MessageSender): readonly string[] => [
  ...(sender === '' ? [] : [sender]),
  ...readMailboxes(from, sender).map(({ address }) => address),
]

function patternOf(address: string): SenderPattern | undefined {
  if (!address.includes('@') || address.startsWith('@')) return undefined
  try {
    return senderPattern(address)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'SENDER_INVALID') return undefined
    throw error
  }
}
