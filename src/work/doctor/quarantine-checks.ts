import { contentKindOf } from '../../ground/amavis/content.ts'
import { oldMessages, withRecipients } from '../../ground/amavis/purge/old-messages.ts'
import {
  discardedWithoutCopy,
  latelyStored,
  MOST_COUNTED,
  messagesWithGaps,
  orphansIn,
  SAMPLE,
} from '../../ground/amavis/quarantine-state.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import { displayText } from '../../ground/display/text.ts'
import { DAY, SECOND } from '../../ground/durations.ts'
import { type Check, type Finding, ok, warn } from '../../ground/health/check.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Times } from '../../rules/time/due-times.ts'
import { calculateLastDue } from '../../rules/time/last-due.ts'
import { lastPurgedAt } from '../purge/purge-when-due.ts'
import { unlessForbidden } from './unless-forbidden.ts'

export interface QuarantineChecksDeps {
  readonly storage: Database<AmavisTables>
  readonly clock: () => number
  readonly state: Database<StateTables>
  /** How long the quarantine keeps the kind of mail that it keeps for longest, in milliseconds. */
  readonly retention: number
  /** When `serve` purges; undefined: never. */
  readonly purgeTimes: Times | undefined
}

/** Checks of what amavisd has stored. They read a bounded number of rows, by its own indexes. */
export const quarantineChecks = (deps: QuarantineChecksDeps): readonly Check[] =>
  [
    { id: 'quarantine.discarded', look: discarded },
    { id: 'quarantine.holds', look: holds },
    { id: 'quarantine.growth', look: growth },
    { id: 'quarantine.orphans', look: orphans },
    { id: 'quarantine.chunks', look: chunks },
  ].map(({ id, look }) => ({
    id,
    needs: ['storage.schema', 'storage.grants', ...(id === 'quarantine.growth' ? ['state.tables'] : [])],
    isSlow: true,
    run: () => look(deps),
  }))

async function discarded({ storage, clock }: QuarantineChecksDeps): Promise<Finding[]> {
  const counts = await discardedWithoutCopy(storage.sql, clock() - DAY)
  if (counts.size === 0) return [ok('no mail was discarded without a copy within a day')]
  const kinds = [...counts].map(([code, count]) => `${countText(count)} as ${contentKindOf(code)}`)
  return [
    warn(
      `amavisd has discarded mail without a copy within a day, which no digest can list: ${kinds.join(', ')}`,
      "Give each kind a quarantine: $spam_quarantine_method = 'sql:' and a $spam_quarantine_to that is not empty (likewise virus, banned, bad_header), no $sa_quarantine_cutoff_level; with ISPConfig, the same in the policies.",
    ),
  ]
}

const countText = (count: number): string => (count === MOST_COUNTED ? `${count} or more` : String(count))

async function holds({ storage, clock }: QuarantineChecksDeps): Promise<Finding[]> {
  const { messages, isOneHeld } = await latelyStored(storage.sql, clock() - DAY)
  if (isOneHeld) return [ok('mail was held within a day')]
  if (messages < FLOWING) return [ok('too little mail came within a day to say that some should be held')]
  return [
    warn(
      `nothing was held for a day, although mail flows (${countText(messages)} messages were stored)`,
      "See in amavisd's log what becomes of spam (swaks can send GTUBE), and whether its $…_quarantine_method is 'sql:'.",
    ),
  ]
}

/** So many messages a day, or more: fewer may all be wanted. */
const FLOWING = 5

async function growth({
  storage,
  state,
  clock,
  retention,
  purgeTimes,
}: QuarantineChecksDeps): Promise<Finding[]> {
  if (purgeTimes) return [await purged(state, purgeTimes, clock())]
  const before = Math.floor((clock() - retention - TOLERANCE) / SECOND)
  const old = await withRecipients(
    storage.sql,
    await oldMessages(storage.sql, before, undefined, MOST_UNDECIDED),
  )
  // What a reader has asked an admin for is kept until the admin decides.
  const late = old.find(({ recipients }) => recipients.every(({ rs }) => rs !== 'p'))
  if (late === undefined) return [ok('no mail is older than the retention')]
  const age = clock() - late.timeNum * SECOND
  return [
    warn(
      `nothing purges the quarantine, so it grows: the oldest message is ${Math.floor(age / DAY)} days old, and purge.olderThan is ${Math.round(retention / DAY)} days`,
      'Set purge.enabled: true, or run amavis-digest purge from a timer. Where another program purges, set purge.olderThan to its age.',
    ),
  ]
}

/** Messages. That more wait for an admin's decision is not to be expected. */
const MOST_UNDECIDED = 200

/** A purge that runs once a day is late by a day at most. */
const TOLERANCE = 2 * DAY

/** The age of the oldest message does not tell: a purge leaves what was promised to a reader. */
async function purged(state: Database<StateTables>, times: Times, now: number): Promise<Finding> {
  const last = await lastPurgedAt(state)
  const due = await calculateLastDue(times, now - DAY)
  if (last === undefined || due === undefined || due <= last) return ok('no purge is overdue')
  return warn(
    `the purge does not keep up: none has come to its end since ${new Date(last).toISOString()}, and one was due at ${new Date(due).toISOString()}`,
    'See the log of the service for why the purge fails, or run amavis-digest purge by hand.',
  )
}

async function orphans({ storage }: QuarantineChecksDeps): Promise<Finding[]> {
  return Promise.all([orphansOf(storage, 'msgrcpt'), orphansOf(storage, 'quarantine')])
}

async function orphansOf(storage: Database<AmavisTables>, table: 'msgrcpt' | 'quarantine'): Promise<Finding> {
  const count = await unlessForbidden(orphansIn(storage.sql, table))
  if (typeof count !== 'number') return count
  if (count === 0) return ok(`each row of ${table} has its message`)
  return warn(
    `${count} of the first ${SAMPLE} rows of ${table} have no row in msgs: another purge has left them behind`,
    'amavis-digest purge removes them; amavis-digest purge --dry-run counts them.',
  )
}

async function chunks({ storage }: QuarantineChecksDeps): Promise<Finding[]> {
  const gaps = await unlessForbidden(messagesWithGaps(storage.sql))
  if ('status' in gaps) return [gaps]
  if (gaps.length === 0) return [ok('the latest messages of the quarantine are complete')]
  const some = gaps.slice(0, 5).map(mailId => displayText(mailId, 20))
  return [
    warn(
      `${gaps.length} of the latest messages lack a part of their text in the table quarantine, and cannot be released whole: ${some.join(', ')}`,
      "See amavisd's log of those mail ids for failed INSERTs; does another program delete rows of quarantine alone? Is max_allowed_packet at least 1M?",
    ),
  ]
}
