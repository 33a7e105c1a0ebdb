import { MINUTE } from '../durations.ts'
import { type Repeated, repeat, type Wait } from './repeat.ts'

/** Milliseconds between two looks. */
export interface Pauses {
  /** While something was found, or the loop was woken, within the last minute. */
  readonly busy: number
  /** After that: an idle service does little else than look. */
  readonly idle: number
}

/**
 * Looks for something to do and does it, again and again like `repeat`, and less often once there was nothing to do for
 * a minute.
 *
 * @param look does what it finds, and returns whether it has found something
 * @param times a monotonic clock, in milliseconds, and how to wait, as `repeat` does
 */
export function keepLooking(
  look: () => Promise<boolean>,
  { busy, idle }: Pauses,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
  { clock, wait }: { readonly clock: () => number; readonly wait?: Wait } = {
    clock: () => performance.now(),
  },
): Repeated {
  let foundAt = clock()
  const pause = () => (clock() - foundAt < MINUTE ? busy : idle)
  const lookOnce = async () => {
    if (await look()) foundAt = clock()
  }
  const { wake, ended } = repeat(lookOnce, pause, signal, onFailure, wait)
  const wakeUp = () => {
    foundAt = clock()
    wake()
  }
  return { wake: wakeUp, ended }
}
