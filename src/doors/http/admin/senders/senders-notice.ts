import { displayText } from '../../../../ground/display/text.ts'
import type { StoredEntry } from '../../../../ground/senders/sender-lists.ts'
import type { SenderList } from '../../../../rules/senders/sender-entry.ts'
import type { Writer } from '../../web/writer.ts'
import type { Did } from './senders-path.ts'

/** What was done, and the form that takes it back. */
export interface SendersNotice {
  readonly text: string
  readonly undo: { readonly do: 'set' | 'remove'; readonly sender: string; readonly list: SenderList }
}

/**
 * The notice after something was done, as the query tells it. Undefined where the lists say otherwise: a link that
 * somebody else has written claims nothing that is not so.
 */
export function noticeOf(
  query: URLSearchParams,
  entries: readonly StoredEntry[],
  { words }: Writer,
): SendersNotice | undefined {
  const done = didIn(query)
  if (!done) return undefined
  const { did, sender, was } = done
  const now = entries.filter(entry => entry.sender === sender).map(({ list }) => list)
  const holds = did === 'remove' ? now.length === 0 : now.includes(did)
  if (!holds) return undefined
  const text = words.say(`admin.senders.did.${did}`, { sender: displayText(sender, 320) })
  if (did === 'remove') return was && { text, undo: { do: 'set', sender, list: was } }
  return { text, undo: was ? { do: 'set', sender, list: was } : { do: 'remove', sender, list: did } }
}

function didIn(query: URLSearchParams): Did | undefined {
  const did = DONE.find(name => name === query.get('did'))
  const was = query.get('was')
  const sender = query.get('sender') ?? ''
  return did && { did, sender, was: was === 'allow' || was === 'block' ? was : undefined }
}

const DONE = ['allow', 'block', 'remove'] as const
