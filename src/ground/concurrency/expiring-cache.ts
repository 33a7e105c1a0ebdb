/** For how long an answer may be kept, and what time it is. */
export interface Keeping {
  readonly now: number
  /** Milliseconds. */
  readonly keep: number
}

/**
 * Keeps answers that cost much for a while: whoever asks meanwhile, at the same time or later, gets the same one. An
 * answer that failed is not kept.
 */
export class ExpiringCache<T> {
  readonly #kept = new Map<string, Kept<T>>()
  readonly #most: number
  readonly #isWorthKeeping: (answer: T) => boolean

  /**
   * @param most answers; the oldest one makes room for the next
   * @param isWorthKeeping false: it serves those only who asked before it was there
   */
  constructor(most: number, isWorthKeeping: (answer: T) => boolean = () => true) {
    this.#most = most
    this.#isWorthKeeping = isWorthKeeping
  }

  /** What `read` finds, or has found under this key a moment ago. */
  get(key: string, { now, keep }: Keeping, read: () => Promise<T>): Promise<T> {
    for (const [each, kept] of this.#kept) if (!isFresh(kept, now)) this.#kept.delete(each)
    const known = this.#kept.get(key)
    if (known) return known.answer
    const kept: Kept<T> = { answer: read(), at: now, keep }
    this.#kept.set(key, kept)
    const forget = () => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key)
    }
    kept.answer.then(answer => this.#isWorthKeeping(answer) || forget(), forget)
    const [oldest = key] = this.#kept.keys()
    if (this.#kept.size > this.#most) this.#kept.delete(oldest)
    return kept.answer
  }
}

interface Kept<T> {
  readonly answer: Promise<T>
  readonly at: number
  readonly keep: number
}

/** A clock that was put back makes no answer last longer. */
const isFresh = ({ at, keep }: Kept<unknown>, now: number): boolean => Math.abs(now - at) < keep
