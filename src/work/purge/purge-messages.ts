import {
  firstTimeFrom,
  messageKeyOf,
  type OldMessage,
  oldMessages,
  type Position,
  type SeenMessage,
  unfinishedMessages,
  withRecipients,
} from '../../ground/amavis/purge/old-messages.ts'
import { thenRest } from '../../ground/concurrency/then-rest.ts'
import { chunks } from '../../ground/database/chunks.ts'
import { DAY, HOUR, SECOND } from '../../ground/durations.ts'
import { readValue, writeValue } from '../../ground/state/named-values.ts'
import { expiryOf, shortestSpan, UNFINISHED_KEPT_FOR } from './expiry.ts'
import { goesOn, type Pass } from './pass.ts'
import { promisesOf } from './promises.ts'

/** Deletes the messages that have been kept for long enough, the oldest first. */
export async function purgeOldMessages(pass: Pass): Promise<void> {
  const before = olderThan(pass)
  let after: Position | undefined
  while (await goesOn(pass)) {
    const from = after
    const page = await thenRest(pass, () => oldMessages(pass.storage.sql, before, from, READ_AT_ONCE))
    for (const batch of chunks(page, pass.batch)) {
      if (!(await goesOn(pass))) return
      await thenRest(pass, () => deleteExpired(pass, batch))
    }
    if (page.length < READ_AT_ONCE) return
    after = page.at(-1)
  }
}

/** Many: PostgreSQL sorts all messages of the same second for each page, and an import may have given all one time. */
const READ_AT_ONCE = 5000

/**
 * Deletes younger messages with which amavisd did not finish. By the clock, it goes on where it was the last time,
 * because none appears with an older time.
 */
export async function purgeUnfinished(pass: Pass): Promise<void> {
  const before = Math.floor((pass.now - UNFINISHED_KEPT_FOR) / SECOND)
  const seenUntil = (pass.byClock && (await readValue(pass.state, SEEN))) || 0
  let from = Math.max(olderThan(pass), Math.floor((Math.min(seenUntil, pass.now) - DAY) / SECOND))
  while (await goesOn(pass)) {
    const first = await firstTimeFrom(pass.storage.sql, from)
    if (first === undefined || first >= before) break
    const to = Math.min(first + WINDOW, before)
    const messages = await thenRest(pass, async () => {
      const page = await unfinishedMessages(pass.storage.sql, first, to, pass.batch)
      await deleteExpired(pass, page)
      return page
    })
    // What has just been counted, and not deleted, would be found again.
    from = messages.length < pass.batch || !pass.hand.isDeleting ? to : first
  }
  if (pass.hand.isDeleting && !pass.isOver) await writeValue(pass.state, SEEN, pass.now)
}

/** Up to which time all messages without a content were looked at, in milliseconds since the epoch. */
const SEEN = 'purged-unfinished-until'

/** In seconds. */
const WINDOW = (6 * HOUR) / SECOND

/** Seconds since the epoch. */
const olderThan = ({ now, terms }: Pass): number => Math.floor((now - shortestSpan(terms)) / SECOND)

/** What is known of the recipients is read only now, because a reader may have asked for a message meanwhile. */
async function deleteExpired(pass: Pass, seen: readonly SeenMessage[]): Promise<void> {
  const messages = await withRecipients(pass.storage.sql, seen)
  const expired = messages.filter(message => expiryOf(message, pass.terms) < pass.now)
  const promises = await promisesOf(pass, expired)
  const free = expired.filter(message => (promises.get(messageKeyOf(message)) ?? 0) <= pass.now)
  pass.found.promised += expired.length - free.length
  for (const together of byOctets(free)) {
    addTo(pass.found, await pass.hand.messages(together))
    for (const message of together) count(pass, message)
  }
}

/** Splits messages so that no transaction deletes very much. */
function* byOctets(messages: readonly OldMessage[]): Generator<readonly OldMessage[]> {
  let together: OldMessage[] = []
  let octets = 0
  for (const message of messages) {
    if (together.length > 0 && octets + message.stored > MOST_OCTETS) {
      yield together
      together = []
      octets = 0
    }
    together.push(message)
    octets += message.stored
  }
  if (together.length > 0) yield together
}

const MOST_OCTETS = 16 * 1024 * 1024

function addTo(
  found: Pass['found'],
  { msgs, msgrcpt, quarantine }: Pick<Pass['found'], 'msgs' | 'msgrcpt' | 'quarantine'>,
) {
  found.msgs += msgs
  found.msgrcpt += msgrcpt
  found.quarantine += quarantine
}

function count({ found }: Pass, { kind, stored }: OldMessage): void {
  const name = kind ?? 'unfinished'
  const { msgs, bytes } = found.kinds[name] ?? { msgs: 0, bytes: 0 }
  found.kinds[name] = { msgs: msgs + 1, bytes: bytes + stored }
  found.bytes += stored
}
