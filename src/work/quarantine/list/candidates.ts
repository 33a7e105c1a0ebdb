import type { Kysely } from 'kysely'
import { contentKindOf } from '../../../ground/amavis/content.ts'
import { heldBecause } from '../../../ground/amavis/held-because.ts'
import type { HeldMailKey } from '../../../ground/amavis/held-mail.ts'
import { messageKeyOf } from '../../../ground/amavis/purge/old-messages.ts'
import { addressesById } from '../../../ground/amavis/quarantine/address-ids.ts'
import type { StoredMessage } from '../../../ground/amavis/quarantine/stored-messages.ts'
import type { StoredRecipient } from '../../../ground/amavis/quarantine/stored-recipients.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import type { Matcher, SearchedRecipient } from '../../../rules/search/matches.ts'

/** A message for one recipient that a search has found. All strings come from a mail and are hostile. */
export interface Candidate extends HeldMailKey, SearchedRecipient {
  /** Seconds since the epoch. */
  readonly timeNum: number
  /** `msgrcpt.rs` without blanks. */
  readonly rs: string
  /** Envelope sender; empty for a bounce. */
  readonly sender: string
  readonly from: string
  readonly subject: string
  readonly size: number
}

/** Addresses of `maddr`, each read once in a request. */
export interface AddressBook {
  load(ids: Iterable<number>): Promise<void>
  /** Undefined: somebody has cleaned it up. */
  get(id: number): string | undefined
}

export function addressBook(storage: Kysely<AmavisTables>): AddressBook {
  const known = new Map<number, string | undefined>()
  return {
    async load(ids) {
      const missing = [...new Set(ids)].filter(id => !known.has(id))
      if (missing.length === 0) return
      const found = await addressesById(storage, missing)
      for (const id of missing) known.set(id, found.get(id))
    },
    get: id => known.get(id),
  }
}

/** The messages that a search wants, as far as their recipients do not matter. */
export async function wantedMessages(
  messages: readonly StoredMessage[],
  matcher: Matcher,
  book: AddressBook,
): Promise<readonly StoredMessage[]> {
  if (matcher.needsSender) await book.load(messages.map(({ senderId }) => senderId))
  return messages.filter(message => matcher.message(message, book.get(message.senderId) ?? ''))
}

/** Puts messages and recipients together that belong together, and leaves out what the search does not want. */
export async function candidatesOf(
  messages: readonly StoredMessage[],
  recipients: readonly StoredRecipient[],
  matcher: Matcher,
  book: AddressBook,
): Promise<Candidate[]> {
  const byKey = new Map(messages.map(message => [messageKeyOf(message), message]))
  const found = recipients.flatMap(recipient => {
    const message = byKey.get(messageKeyOf(recipient))
    return message ? [{ message, recipient }] : []
  })
  await book.load(found.flatMap(({ message, recipient }) => [message.senderId, recipient.recipientId]))
  return found
    .map(({ message, recipient }) => candidateOf(message, recipient, book))
    .filter(candidate => matcher.recipient(candidate))
}

function candidateOf(message: StoredMessage, recipient: StoredRecipient, book: AddressBook): Candidate {
  const kind = contentKindOf(recipient.content || message.content)
  return {
    partitionTag: recipient.partitionTag,
    mailId: recipient.mailId,
    rseqnum: recipient.rseqnum,
    timeNum: message.timeNum,
    recipient: book.get(recipient.recipientId) ?? '',
    kind,
    because: heldBecause(kind, recipient.response, recipient.isBlockListed),
    score: recipient.score,
    response: recipient.response,
    rs: recipient.rs,
    sender: book.get(message.senderId) ?? '',
    from: message.from,
    subject: message.subject,
    size: message.size,
  }
}
