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
  readonly #most: number
  readonly #places: Gate
  #waiting: Entry[] = []
  #isWriting = false
  #look: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param most how many places there are */
  constructor(most: number, deps: MailsAtOnceDeps) {
    this.#most = most
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
    this.#look ??= setImmediate(() => {
      this.#look = undefined
      this.#writeInTime()
    })
  }

  #writeInTime(): void {
    const [first] = this.#waiting
    if (this.#isWriting || !first) return
    clearTimeout(this.#timer)
    const rest = first.since + this.#patience() - performance.now()
    if (rest < 1) void this.#writeAll()
    else this.#timer = setTimeout(() => void this.#writeAll(), rest)
  }

  /** For how long a record may wait for others, in milliseconds. */
  #patience(): number {
    if (this.#places.running === this.#waiting.length) return 0
    return this.#places.isFull ? this.#most * A_MAIL : NOT_NEEDED
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

/** No mail is built in less time, in milliseconds: so short a wait for each place leaves no server without work. */
const A_MAIL = 0.2

/** While there are places for other mails, in milliseconds. */
const NOT_NEEDED = 100
