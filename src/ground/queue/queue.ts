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
  /** Whether other processes do its jobs, too. Then one thing at once may be done for each bundle of jobs in hand. */
  readonly isShared: boolean
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
   * Does jobs of one kind as they come, until the signal is aborted; running jobs are finished first. `perform` gets a
   * bundle of one or more. Its jobs end when `perform` rejects as they do when it resolves, because their rows are still
   * there.
   */
  work(kind: JobKind, perform: (bundle: readonly Job[]) => Promise<void>, signal: AbortSignal): Promise<void>
  /** How many jobs are waiting or being done. @throws CodedError QUEUE_UNREACHABLE */
  depth(kind: JobKind): Promise<number>
}

/** The limits of each kind. If the queue spans several processes, they hold for all of them together. */
export type QueueLimits = Readonly<Record<JobKind, QueueLimit>>

export interface QueueLimit {
  /** Bundles of jobs at once. */
  readonly concurrency: number
  /** The most jobs in a bundle; undefined for one. Only a shared queue makes bundles, and none if there is a rate. */
  readonly together?: number | undefined
  /** Jobs a second; undefined for no limit. */
  readonly rate?: number | undefined
}
