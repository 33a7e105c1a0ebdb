import { setTimeout as wait } from 'node:timers/promises'
import { SECOND } from '../durations.ts'

export interface Resting {
  /** How many times as long as it worked it rests. */
  readonly pause: number
  /** Ends a rest. */
  readonly signal: AbortSignal
}

/** Does a part of the work, and then rests in proportion, so that amavisd's statements come first. */
export async function thenRest<Result>(
  { pause, signal }: Resting,
  work: () => Promise<Result>,
  { now, rest: takeRest }: RestClock = { now: () => performance.now(), rest },
): Promise<Result> {
  const begun = now()
  const result = await work()
  await takeRest(Math.min((now() - begun) * pause, LONGEST_REST), signal)
  return result
}

/** Milliseconds that never go back, and a wait for so many of them. */
export interface RestClock {
  readonly now: () => number
  readonly rest: typeof rest
}

const LONGEST_REST = 10 * SECOND

/** @param span milliseconds */
export const rest = (span: number, signal: AbortSignal): Promise<void> =>
  wait(span, undefined, { signal }).catch(() => undefined)
