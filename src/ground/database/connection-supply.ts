import { setTimeout as wait } from 'node:timers/promises'
import { MINUTE, SECOND } from '../durations.ts'

/** What a driver's pool does for a `ConnectionSupply`. */
export interface DriverPool<Connection extends object> {
  /** Resolves to a free connection, or to a new one with our settings. */
  take(): Promise<Connection>
  /** Closes a connection that was taken. */
  discard(connection: Connection): void
  /** Whether `take` failed because the server allows no more connections at the moment. */
  isFull(error: unknown): boolean
}

/** Every connection was in use for too long. */
export class NoFreeConnection extends Error {
  constructor() {
    super(`none of our connections became free within ${QUEUE_PATIENCE / SECOND} s`)
  }
}

/**
 * Hands out the connections of a driver's pool in the order in which they are asked for: only those that still lead to
 * the server that new connections reach, and no more at once than the server allows.
 */
export class ConnectionSupply<Connection extends object> {
  readonly #pool: DriverPool<Connection>
  readonly #size: number
  readonly #clock: () => number
  readonly #opened = new WeakMap<Connection, { readonly generation: number; readonly at: number }>()
  readonly #queue: Request[] = []
  #generation = 0
  #inUse = 0
  /** How many the server allows, as its last refusal has shown. */
  #allowed: number
  #relaxing: NodeJS.Timeout | undefined
  #tickets = 0

  /**
   * @param size how many connections may be in use at once
   * @param clock a monotonic clock, in milliseconds
   */
  constructor(pool: DriverPool<Connection>, size: number, clock = () => performance.now()) {
    this.#pool = pool
    this.#size = size
    this.#allowed = size
    this.#clock = clock
  }

  /** How many callers wait for a connection. */
  get waiting(): number {
    return this.#queue.length
  }

  /**
   * Takes a connection. While the server allows no more of them, waits until one of ours is free; if we have none, it
   * asks the server again for ten seconds.
   *
   * @throws NoFreeConnection, or what the driver says
   */
  async take(): Promise<Connection> {
    const ticket = ++this.#tickets
    const began = this.#clock()
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      await this.#turn(ticket, began + QUEUE_PATIENCE)
      try {
        return await this.#takeFresh()
      } catch (error) {
        const isLate = this.#clock() - began >= REFUSAL_PATIENCE
        const others = this.#inUse - 1
        if (this.#pool.isFull(error) && others > 0) this.#allowOnly(others)
        this.giveBack()
        if (!this.#pool.isFull(error) || (others === 0 && isLate)) throw error
        if (others === 0) await wait(pause)
      }
    }
  }

  /** Is called once for each connection that was taken, after the driver's pool has it again. */
  giveBack(): void {
    this.#inUse -= 1
    this.#serve()
  }

  /** Hands out no connection any more that was opened until now, because the server has become read-only. */
  distrust(): void {
    this.#generation += 1
  }

  isStale(connection: Connection): boolean {
    const opened = this.#opened.get(connection)
    return (
      opened !== undefined && (opened.generation < this.#generation || this.#clock() - opened.at > MAX_AGE)
    )
  }

  async #takeFresh(): Promise<Connection> {
    for (;;) {
      const opened = { generation: this.#generation, at: this.#clock() }
      const connection = await this.#pool.take()
      if (!this.#opened.has(connection)) this.#opened.set(connection, opened)
      if (!this.isStale(connection)) return connection
      this.#pool.discard(connection)
    }
  }

  /** Waits until a connection may be taken. A request that was refused keeps its place before later ones. */
  async #turn(ticket: number, deadline: number): Promise<void> {
    if (this.#queue.length === 0 && this.#inUse < this.#allowed) {
      this.#inUse += 1
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const request = { ticket, enter: resolve }
    const late = () => {
      this.#queue.splice(this.#queue.indexOf(request), 1)
      reject(new NoFreeConnection())
    }
    const behind = this.#queue.findIndex(other => other.ticket > ticket)
    this.#queue.splice(behind === -1 ? this.#queue.length : behind, 0, request)
    this.#serve()
    const timer = setTimeout(late, Math.max(0, deadline - this.#clock()))
    await promise.finally(() => clearTimeout(timer))
  }

  #serve(): void {
    while (this.#inUse < this.#allowed) {
      const next = this.#queue.shift()
      if (!next) return
      this.#inUse += 1
      next.enter()
    }
  }

  /** After a while, more are tried again: the limit may have been raised, or others have closed theirs. */
  #allowOnly(count: number): void {
    this.#allowed = count
    clearTimeout(this.#relaxing)
    this.#relaxing = setTimeout(() => {
      this.#allowed = this.#size
      this.#serve()
    }, REFUSAL_COUNTS_FOR).unref()
  }
}

interface Request {
  readonly ticket: number
  readonly enter: () => void
}

/**
 * Reads succeed on a server that was demoted, so nothing shows that they are out of date. A connection that is replaced
 * now and then follows a failover all the same.
 */
const MAX_AGE = 5 * MINUTE

/** How long to wait for one of our own connections. */
const QUEUE_PATIENCE = 30 * SECOND

/** How long to ask a server again that refuses the only connection. */
const REFUSAL_PATIENCE = 10 * SECOND

const REFUSAL_COUNTS_FOR = 5 * SECOND

const FIRST_PAUSE = 50
const LONGEST_PAUSE = SECOND
