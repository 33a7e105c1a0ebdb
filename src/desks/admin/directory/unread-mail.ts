import type { Database } from '../../../ground/database/database.ts'
import type { Answer, Directory } from '../../../ground/directory/directory.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { findUnlessAway } from '../../../ground/directory/unless-away.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import { pendingReaders } from '../../../work/digest/make/pending-readers.ts'

/** Why nobody gets a digest about a message. */
export const UNREAD_REASONS = [
  /** Each of its readers is switched off. */
  'off',
  /** The address leads elsewhere, and the configuration does not list where. */
  'outside',
  /** Nobody reads the address. */
  'nobody',
  /** The directory has not answered about the address. */
  'unanswered',
] as const

export type UnreadReason = (typeof UNREAD_REASONS)[number]

/** By reason, how many messages wait, and some of the addresses that they were sent to. */
export type Unread = Readonly<Record<UnreadReason, UnreadGroup>>

export interface UnreadGroup {
  readonly messages: number
  /** At most 20, as amavis stored them. */
  readonly addresses: readonly string[]
}

/** Counts the waiting messages that nobody gets a digest about, with one question for each few hundred addresses. */
export async function unreadMail(state: Database<StateTables>, directory: Directory): Promise<Unread> {
  const found = new Map<string, UnreadAddress>()
  for await (const holders of pendingReaders(state)) {
    const waiting = await waitingFor(state, holders)
    const asked = new Set(waiting.flatMap(({ recipient }) => readerAddress(recipient) ?? []))
    const answers = await findUnlessAway(directory, [...asked])
    for (const { recipient, items } of waiting) {
      const reason = reasonOf(answers.get(readerAddress(recipient) ?? ''))
      if (reason === undefined) continue
      // A message whose readers are all switched off waits under the name of each: it counts once.
      const messages = Math.max(Number(items), found.get(recipient)?.messages ?? 0)
      found.set(recipient, { recipient, reason, messages })
    }
  }
  const groups = Map.groupBy(found.values(), ({ reason }) => reason)
  const groupOf = (reason: UnreadReason): UnreadGroup => summaryOf(groups.get(reason) ?? [])
  return {
    off: groupOf('off'),
    outside: groupOf('outside'),
    nobody: groupOf('nobody'),
    unanswered: groupOf('unanswered'),
  }
}

interface UnreadAddress {
  readonly recipient: string
  readonly reason: UnreadReason
  readonly messages: number
}

const summaryOf = (addresses: readonly UnreadAddress[]): UnreadGroup => ({
  messages: addresses.reduce((sum, { messages }) => sum + messages, 0),
  addresses: addresses.slice(0, MOST_ADDRESSES).map(({ recipient }) => recipient),
})

/** An address for which a message waits; undefined when none waits. */
export async function firstWaitingAddress(state: Database<StateTables>): Promise<string | undefined> {
  const row = await waitingItems(state).select('recipient').limit(1).executeTakeFirst()
  return row && readerAddress(row.recipient)
}

const MOST_ADDRESSES = 20

/** How many messages to each address wait under each of these names. */
const waitingFor = (state: Database<StateTables>, holders: readonly string[]) =>
  waitingItems(state)
    .select(({ fn }) => ['recipient', fn.countAll().as('items')])
    .where('reader', 'in', holders)
    .groupBy(['reader', 'recipient'])
    .execute()

/** Undefined when somebody gets a digest about it, now or once the message has followed a change of the directory. */
function reasonOf(answer: Answer | undefined): UnreadReason | undefined {
  if (!answer) return 'unanswered'
  if (answer.readers.some(({ isOff }) => !isOff)) return undefined
  if (answer.readers.length > 0) return 'off'
  return answer.by.some(({ is, to }) => is === 'outside' && to === null) ? 'outside' : 'nobody'
}
