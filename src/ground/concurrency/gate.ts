/** Limits how many tasks run at once; the others wait in the order in which they came. */
export class Gate {
  readonly #waiting: (() => void)[] = []
  readonly #narrowing: (() => void)[] = []
  #limit: number
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many tasks run. */
  get running(): number {
    return this.#running
  }

  /** Whether another task would have to wait. */
  get isFull(): boolean {
    return this.#running >= this.#limit
  }

  /** From now on, one task more may run. */
  widen(): void {
    this.#limit += 1
    const narrowed = this.#narrowing.shift()
    if (narrowed) narrowed()
    else if (this.#waiting.length > 0) {
      this.#running += 1
      this.#waiting.shift()?.()
    }
  }

  /** From now on, one task fewer may run. Resolves as soon as no more than that run. */
  narrow(): Promise<void> {
    this.#limit -= 1
    if (this.#running <= this.#limit) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#narrowing.push(resolve)
    return promise
  }

  /** Runs the task when its turn comes; rejects with the signal's reason if the signal is aborted before that. */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal)
    try {
      return await task()
    } finally {
      this.#leave()
    }
  }

  #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (this.#running < this.#limit) {
      this.#running += 1
      return Promise.resolve()
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const giveUp = () => {
      this.#waiting.splice(this.#waiting.indexOf(enter), 1)
      reject(signal?.reason)
    }
    const enter = () => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    }
    this.#waiting.push(enter)
    signal?.addEventListener('abort', giveUp, { once: true })
    return promise
  }

  /** Passes the place on to the task that has waited longest, unless there are too many places now. */
  #leave(): void {
    if (this.#running > this.#limit) {
      this.#running -= 1
      this.#narrowing.shift()?.()
      return
    }
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running -= 1
  }
}
