import type { Kysely } from 'kysely'
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
  const message = `This machine's clock is ${(off / SECOND).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} that of the state database's server. Let NTP set both.`
  if (off > lease) throw new CodedError('CLOCK_WRONG', `${message} (delivery.lease is ${lease / SECOND} s.)`)
  log.warn({ seconds: ahead / SECOND }, message)
}

/**
 * How far our clock is ahead of the server's, in milliseconds; 0 for a file. It is the least difference: the server may have read its clock at any moment between our two readings.
 */
export async function aheadOfServer<Tables>(
  state: Pick<Database<Tables>, 'sql' | 'dialect'>,
  clock: () => number,
): Promise<number> {
  if (!state.dialect.now) return 0
  const query = (state.sql as unknown as Kysely<unknown>).selectNoFrom(state.dialect.now.as('now'))
  const before = clock()
  const { now } = await query.executeTakeFirstOrThrow()
  const after = clock()
  return Math.max(before - Number(now), 0) || Math.min(after - Number(now), 0)
}
