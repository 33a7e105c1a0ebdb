import { setTimeout as sleep } from 'node:timers/promises'

export interface Patience {
  /** Milliseconds; 20,000 unless told. */
  readonly timeout?: number
  /** Milliseconds between two looks. */
  readonly every?: number
}

/** Looks again and again until `look` gives something that is neither undefined, null nor false, and returns that. */
export async function waitUntil<T>(
  what: string,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { timeout = 20_000, every = 25 }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + timeout
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (performance.now() > deadline) throw new Error(`Waited ${timeout} ms in vain for ${what}`)
    await sleep(every)
  }
}
