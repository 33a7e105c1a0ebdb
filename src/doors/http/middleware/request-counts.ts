import { MINUTE } from '../../../ground/durations.ts'

/** The requests of one caller within a minute that begins with the first of them. */
export interface RequestCount {
  totalHits: number
  resetTime: Date
}

/**
 * Counts requests by caller. The limits in front of the framework and those within share it, so that a request is
 * counted once, whoever answers it. A caller who is quiet for two minutes is forgotten.
 */
export class RequestCounts {
  #current = new Map<string, RequestCount>()
  #former = new Map<string, RequestCount>()
  #since = Date.now()

  /** Counts one more. */
  increment(key: string): RequestCount {
    const now = Date.now()
    const count = this.#find(key, now)
    if (count) {
      count.totalHits += 1
      return count
    }
    const fresh = { totalHits: 1, resetTime: new Date(now + MINUTE) }
    this.#current.set(key, fresh)
    return fresh
  }

  /** How many there have been. */
  hits(key: string): number {
    return this.#find(key, Date.now())?.totalHits ?? 0
  }

  /** A count is kept for this minute and the next, and ends before that. */
  #find(key: string, now: number): RequestCount | undefined {
    if (Math.abs(now - this.#since) >= MINUTE) {
      this.#former = this.#current
      this.#current = new Map()
      this.#since = now
    }
    const count = this.#current.get(key) ?? this.#former.get(key)
    return count && count.resetTime.getTime() > now ? count : undefined
  }
}
