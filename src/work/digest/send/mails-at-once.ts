import { Gate } from '../../../ground/concurrency/gate.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { WorkWatch } from '../../../ground/health/work-watch.ts'
import { keepTrying } from '../../../ground/retry/keep-trying.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { recordSent, type SentDigest } from './outbox.ts'

export interface MailsAtOnceDeps {
  readonly state: Database<StateTables>
  readonly works: WorkWatch
  readonly clock: () => number
}

interface Entry {
  /** By a monotonic clock, in milliseconds. */
  readonly since: number
  readonly sent: SentDigest
  readonly recorded: PromiseWithResolvers<void>
}

/**
 * The mails that are under way, of all deliveries of this process together. Each takes a place before the server gets
 * it, and keeps the place until the answer is recorded. If the process is killed, at most so many mails have been
 * accepted by the server and not been recorded.
 *
 * Records are written many in one statement. They wait for each other while there are places for more mails: see
 * docs/decisions/0055-many-records-in-one-statement.md.
 */
export class MailsAtOnce {
  readonly #deps: MailsAtOnceDeps
  readonly #places: Gate
  #waiting: Entry[] = []
  #isWriting = false
  #soon: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #looked = performance.eventLoopUtilization()

  /** @param most how many places there are */
  constructor(most: number, deps: MailsAtOnceDeps) {
    this.#places = new Gate(most)
    this.#deps = deps
  }

  /** Hands a mail over and records its answer, once there is a place for it. */
  run<T>(mail: () => Promise<T>): Promise<T> {
    return this.#places.run(mail)
  }

  /**
   * Records that the server has accepted a mail which has a place.
   *
   * @throws the last failure, after 35 s of attempts
   */
  recordSent(sent: SentDigest): Promise<void> {
    const recorded = Promise.withResolvers<void>()
    this.#waiting.push({ since: performance.now(), sent, recorded })
    this.#lookSoon()
    return recorded.promise
  }

  /** Looks once all answers that have come by now are here. */
  #lookSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined
      this.#look()
    })
  }

  #look(): void {
    clearTimeout(this.#timer)
    const hasBeenIdle = this.#hasBeenIdle()
    const [first] = this.#waiting
    if (this.#isWriting || !first) return
    const isLast = this.#places.running === this.#waiting.length
    const rest = first.since + PATIENCE - performance.now()
    if (isLast || rest <= 0 || (this.#places.isFull && hasBeenIdle)) void this.#writeAll()
    else this.#timer = setTimeout(() => this.#look(), this.#places.isFull ? LOOK_AGAIN : rest)
  }

  /**
   * Whether this process has had little to do since it looked last. As long as it is busy, a record may wait at no cost:
   * the answers to the mails that have the other places are what it comes to next.
   */
  #hasBeenIdle(): boolean {
    const looked = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(looked, this.#looked)
    this.#looked = looked
    return utilization < BUSY
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true
    await this.#write(this.#waiting.splice(0))
    this.#isWriting = false
    this.#lookSoon()
  }

  /** Never rejects. If all together cannot be recorded, perhaps only one of them is the cause. */
  async #write(entries: readonly Entry[]): Promise<void> {
    try {
      await this.#record(entries)
      for (const { recorded } of entries) recorded.resolve()
    } catch (error) {
      this.#deps.works.failed(...RECORDING, error)
      for (const entry of entries) void this.#keepTrying(entry)
    }
  }

  /** Without this record the mail would be sent again. */
  async #keepTrying(entry: Entry): Promise<void> {
    const recorded = keepTrying(
      () => this.#record([entry]),
      error => this.#deps.works.failed(...RECORDING, error),
    )
    await recorded.then(entry.recorded.resolve, entry.recorded.reject)
  }

  async #record(entries: readonly Entry[]): Promise<void> {
    const { state, works, clock } = this.#deps
    await recordSent(
      state,
      entries.map(({ sent }) => sent),
      clock(),
    )
    works.succeeded(...RECORDING)
  }
}

const RECORDING = ['recording', 'sent digest'] as const

/** The longest that a record waits for others, in milliseconds. */
const PATIENCE = 100

/** While all places are taken, in milliseconds. */
const LOOK_AGAIN = 1

/** The share of the time in which the event loop has work. */
const BUSY = 0.8
