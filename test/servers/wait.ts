import { setTimeout as sleep } from 'node:timers/promises'

export interface WaitOptions {
  /** In milliseconds; 40,000 by default, because a busy machine may take ten times as long as an idle one. */
  readonly timeout?: number
  /** Milliseconds between two checks. */
  readonly every?: number
}

/** Calls `check` until it returns something other than undefined, null or false, and returns that. */
export async function waitUntil<T>(
  what: string,
  check: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { timeout = 40_000, every = 25 }: WaitOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeout
  for (;;) {
    const result = await check()
    if (result) return result
    if (performance.now() > deadline) throw new Error(`Gave up after ${timeout} ms of waiting for ${what}`)
    await sleep(every)
  }
}
