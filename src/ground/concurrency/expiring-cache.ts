/** What time it is, and how long an answer may be kept. */
export interface Keeping {
  readonly now: number
  /** Milliseconds. */
  readonly keep: number
}

/**
 * Keeps expensive answers for a while. All callers meanwhile, at the same time or later, get the same answer. A failure
 * is not kept.
 */
export class ExpiringCache<T> {
  readonly #kept = new Map<string, Kept<T>>()
  readonly #maxSize: number
  readonly #isWorthKeeping: (answer: T) => boolean

  /**
   * @param maxSize how many answers to keep; the oldest one makes room for the next
   * @param isWorthKeeping if false, the answer serves only the callers that were waiting for it
   */
  constructor(maxSize: number, isWorthKeeping: (answer: T) => boolean = () => true) {
    this.#maxSize = maxSize
    this.#isWorthKeeping = isWorthKeeping
  }

  /** The answer for this key, from the cache or from `read`. */
  get(key: string, { now, keep }: Keeping, read: () => Promise<T>): Promise<T> {
    for (const [oldKey, kept] of this.#kept) if (!isFresh(kept, now)) this.#kept.delete(oldKey)
    const known = this.#kept.get(key)
    if (known) return known.answer
    const kept: Kept<T> = { answer: read(), at: now, keep }
    this.#kept.set(key, kept)
    const forget = () => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key)
    }
    kept.answer.then(answer => this.#isWorthKeeping(answer) || forget(), forget)
    const [oldest = key] = this.#kept.keys()
    if (this.#kept.size > this.#maxSize) this.#kept.delete(oldest)
    return kept.answer
  }
}

interface Kept<T> {
  readonly answer: Promise<T>
  readonly at: number
  readonly keep: number
}

/** Also false for an answer from the future, so that setting the clock back does not make it last longer. */
const isFresh = ({ at, keep }: Kept<unknown>, now: number): boolean => Math.abs(now - at) < keep
