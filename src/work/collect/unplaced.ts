import type { Database } from '../../ground/database/database.ts'
import { HOUR, SECOND } from '../../ground/durations.ts'
import { valuesUnder } from '../../ground/state/named-values.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Window } from './windows.ts'

/**
 * An hour with held mail that has no items, because the directory gave no answer about its recipients. Our tables
 * remember these hours: however long the directory is away, no others have to be looked at again.
 */
export interface UnplacedHour extends Window {
  readonly name: string
  /** When somebody last found mail in it that could not be placed, in milliseconds since the epoch. */
  readonly seenAt: number
}

/** These hours, first the one that was seen longest ago. */
export async function unplacedHours(state: Database<StateTables>): Promise<UnplacedHour[]> {
  const rows = await valuesUnder(state, PREFIX).select(['name', 'value']).execute()
  const hours = rows.flatMap(({ name, value }) => {
    const from = Number(name.slice(PREFIX.length))
    return Number.isSafeInteger(from) ? [{ name, from, to: from + LENGTH, seenAt: Number(value) }] : []
  })
  return hours.sort((a, b) => a.seenAt - b.seenAt)
}

/** Remembers the hours of these times. @param times in seconds, as `msgs.time_num` is; 0 is in no hour */
export async function rememberUnplaced(
  { sql, dialect }: Database<StateTables>,
  times: readonly number[],
  now: number,
): Promise<void> {
  const hours = new Set(times.filter(time => time >= 1).map(time => time - (time % LENGTH)))
  for (const hour of hours) {
    const insert = sql.insertInto('digest_watermark').values({ name: `${PREFIX}${hour}`, value: now })
    await dialect.insertOrUpdate(insert, ['name'], ['value']).execute()
  }
}

/**
 * All mail of this hour has been placed. If somebody has found more of it since it was read, it stays: that mail may
 * be in no other window.
 */
export async function forgetUnplaced(
  { sql }: Database<StateTables>,
  { name, seenAt }: UnplacedHour,
): Promise<void> {
  await sql.deleteFrom('digest_watermark').where('name', '=', name).where('value', '=', seenAt).execute()
}

/** Each is a named value: its `seenAt`. */
const PREFIX = 'unplaced/'

/** In seconds. */
const LENGTH = HOUR / SECOND
