/** A hint that something is due, named by its row. The row decides whether and how it is done. */
export interface Job {
  readonly kind: JobKind
  /** `digest_digest.digest_id`, or the `item_id` of a `digest_release`, which is the `heldId` of its message. */
  readonly id: string
}

export type JobKind = 'digest' | 'release'

/**
 * The port that brings due work to the processes that do it. The tables count, not the queue: a queue may forget a job
 * or hand it out twice. A forgotten job is offered again at the next look at the tables.
 */
export interface Queue extends AsyncDisposable {
  /**
   * Proves that the server, if there is one and it answers, can be used.
   * @throws CodedError CONFIG_INVALID when it never can
   */
  check(): Promise<void>
  /**
   * Offers jobs. A job that is already waiting or being done is not added again.
   * @throws CodedError QUEUE_UNREACHABLE
   */
  offer(jobs: readonly Job[]): Promise<void>
  /**
   * Does jobs of one kind as they come, until the signal is aborted; running jobs are finished first. A job ends when
   * `perform` rejects as it does when it resolves, because its row is still there.
   */
  work(kind: JobKind, perform: (job: Job) => Promise<void>, signal: AbortSignal): Promise<void>
  /** How many jobs are waiting or being done. @throws CodedError QUEUE_UNREACHABLE */
  depth(kind: JobKind): Promise<number>
}

/** The limits of each kind. If the queue spans several processes, they hold for all of them together. */
export type QueueLimits = Readonly<Record<JobKind, QueueLimit>>

export interface QueueLimit {
  /** Jobs at once. */
  readonly concurrency: number
  /** Jobs a second; undefined for no limit. */
  readonly rate?: number | undefined
}
