import type { Kysely } from 'kysely'
import { displayText } from '../../../ground/display/text.ts'
import { DAY } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { SCHEDULE_NAME } from '../../../rules/schedule/schedule-faults.ts'

/** Somebody has changed a schedule since it was looked at. */
export class ScheduleConflict extends CodedError {
  /** The schedule, when the conflict is only the same change sent twice: all that the change asks for is there. */
  readonly done: Schedule | undefined

  constructor(message: string, done: Schedule | undefined) {
    super('EDIT_CONFLICT', message)
    this.done = done
  }
}

/** A change of a schedule, and what its sender had looked at. */
export interface Seen {
  readonly name: string
  /** The schedule as it is now; undefined: there is none. */
  readonly before: Schedule | undefined
  /** The version that was looked at; 0: there was none; undefined: it does not matter. */
  readonly expected: number | undefined
  readonly now: number
}

/**
 * Whoever changes a schedule has to have seen how it is now.
 *
 * @param isSentTwice whether the change is the very one that this person made last
 * @throws ScheduleConflict with who changed it and when, as far as the audit knows
 */
export async function requireVersion(
  sql: Kysely<StateTables>,
  { name, before, expected, now }: Seen,
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

/** Who changed it last, as far as the audit knows of the last days. */
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

/** As long as somebody may look at a page before a change. */
const RECENTLY = 2 * DAY
