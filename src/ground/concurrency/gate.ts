/** Limits how many tasks run at once; the others wait in the order in which they came. */
export class Gate {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
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
    return this.#running === this.#limit
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

  /** Passes the place on to the task that has waited longest. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running -= 1
  }
}
