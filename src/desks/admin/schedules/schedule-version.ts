import type { Kysely } from 'kysely'
import { displayText } from '../../../ground/display/text.ts'
import { DAY } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { SCHEDULE_NAME } from '../../../rules/schedule/schedule-faults.ts'

/** The schedule has changed since the admin saw it. */
export class ScheduleConflict extends CodedError {
  /** Set when the conflict is only the same change sent twice: the schedule, to which the change is already applied. */
  readonly done: Schedule | undefined

  constructor(message: string, done: Schedule | undefined) {
    super('EDIT_CONFLICT', message)
    this.done = done
  }
}

/** A change of a schedule, and the version on which it is based. */
export interface VersionCheck {
  readonly name: string
  /** The schedule as it is now; undefined: it does not exist. */
  readonly before: Schedule | undefined
  /** The version that the admin saw; 0: the schedule did not exist; undefined: any version will do. */
  readonly expected: number | undefined
  readonly now: number
}

/**
 * Refuses a change that is based on an outdated version.
 *
 * @param isSentTwice tells whether this is the very change that this person made last
 * @throws ScheduleConflict with who changed the schedule and when, as far as the audit knows
 */
export async function requireVersion(
  sql: Kysely<StateTables>,
  { name, before, expected, now }: VersionCheck,
  isSentTwice: (changedBy: string) => boolean = () => false,
): Promise<void> {
  const version = before?.version ?? 0
  if (expected === undefined || expected === version) return
  const change = await lastChange(sql, name, now)
  const who = change ? ` by ${displayText(change.actor, 100)} at ${new Date(change.at).toISOString()}` : ''
  const what = before === undefined ? 'removed' : expected === 0 ? 'made' : 'changed'
  throw new ScheduleConflict(
    `The schedule ${displayText(name, 64)} was ${what} meanwhile${who}. Nothing was overwritten: look at it as it is now, then change it again.`,
    change && isSentTwice(change.actor) ? before : undefined,
  )
}

/** Who changed the schedule last, if the audit has it within the last days. */
async function lastChange(sql: Kysely<StateTables>, name: string, now: number) {
  if (!SCHEDULE_NAME.test(name)) return undefined
  const row = await sql
    .selectFrom('digest_audit')
    .select(['actor', 'at'])
    .where('at', '>=', now - RECENTLY)
    .where('action', 'in', ['schedule-set', 'schedule-remove'])
    .where('detail', 'like', `${name}: %`)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && { actor: row.actor, at: Number(row.at) }
}

/** Longer than an admin is likely to have a page open before submitting it. */
const RECENTLY = 2 * DAY
