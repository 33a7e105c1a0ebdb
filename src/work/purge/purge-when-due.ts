import { readValue, writeValue } from '../../ground/state/named-values.ts'
import type { Times } from '../../rules/time/due-times.ts'
import { calculateLastDue } from '../../rules/time/last-due.ts'
import type { PurgeDeps } from './pass.ts'
import { type PurgeResult, purge } from './purge.ts'

/**
 * Purges once the time for it has come. The first time counts from when it was turned on, so that nothing is deleted at
 * the moment of a restart.
 *
 * @returns undefined when it is not due, or another process does it
 */
export async function purgeWhenDue(
  deps: PurgeDeps,
  times: Times,
  signal: AbortSignal,
): Promise<PurgeResult | undefined> {
  const now = deps.clock()
  const last = await lastPurgedAt(deps.state)
  if (last === undefined || last > now) {
    await writeValue(deps.state, NAME, now)
    return undefined
  }
  const due = await calculateLastDue(times, now)
  if (due === undefined || due <= last) return undefined
  const result = await purge(deps, { isDryRun: false, byClock: true, signal })
  if (result.isElsewhere) return undefined
  if (!result.isPartial) await writeValue(deps.state, NAME, now)
  return result
}

/**
 * When the last pass began that was made by the clock and came to its end, in milliseconds since the epoch; before the
 * first one, when purging was turned on. undefined: it never was.
 */
export const lastPurgedAt = (state: PurgeDeps['state']): Promise<number | undefined> => readValue(state, NAME)

const NAME = 'purged-at'
