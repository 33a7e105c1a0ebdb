import { sql as raw } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'
import type { StateTables } from './state-tables.ts'

export interface ClockDeps {
  readonly clock: () => number
  /** How long a process keeps what it has leased, in milliseconds. */
  readonly lease: number
  readonly log: Logger
}

/**
 * Refuses to go on when our clock and that of a database's server differ by more than `most` milliseconds.
 *
 * @throws CodedError CLOCK_WRONG
 */
export async function requireSameTime<Tables>(
  database: Database<Tables>,
  clock: () => number,
  most: number,
): Promise<void> {
  const ahead = await aheadOfServer(database, clock)
  if (Math.abs(ahead) <= most) return
  throw new CodedError('CLOCK_WRONG', `${differenceText(ahead, 'storage')} Nothing was deleted.`)
}

/**
 * Compares our clock with the clock of the state database's server, which all processes share. This matters because a
 * lease is written with one machine's clock and checked with another's. Logs a warning for a small difference, and
 * refuses when leases would be meaningless.
 *
 * @throws CodedError CLOCK_WRONG
 */
export async function checkClock(
  state: Database<StateTables>,
  { clock, lease, log }: ClockDeps,
): Promise<void> {
  const ahead = await aheadOfServer(state, clock)
  const off = Math.abs(ahead)
  if (off <= lease / 3) return
  const message = differenceText(ahead, 'state')
  if (off > lease) throw new CodedError('CLOCK_WRONG', `${message} (delivery.lease is ${lease / SECOND} s.)`)
  log.warn({ seconds: ahead / SECOND }, message)
}

const differenceText = (ahead: number, role: 'state' | 'storage'): string =>
  `This machine's clock is ${(Math.abs(ahead) / SECOND).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} that of the ${role} database's server. Let NTP set both.`

/**
 * How far our clock is ahead of the server's, in milliseconds; 0 for a file. It is the least difference: the server may
 * have read its clock at any moment between our two readings.
 */
export async function aheadOfServer<Tables>(
  { sql, dialect }: Pick<Database<Tables>, 'sql' | 'dialect'>,
  clock: () => number,
): Promise<number> {
  if (!dialect.now) return 0
  const query = raw<{ now: number }>`select ${dialect.now} as now`
  const before = clock()
  const { rows } = await query.execute(sql)
  const after = clock()
  const now = Number(rows[0]?.now)
  return Math.max(before - now, 0) || Math.min(after - now, 0)
}
