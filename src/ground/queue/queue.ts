/** Something that is due, named by its row. The row decides whether and how it is done: a job is a hint. */
export interface Job {
  readonly kind: JobKind
  /** `digest_digest.digest_id`, or the `item_id` of a `digest_release`. */
  readonly id: string
}

export type JobKind = 'digest' | 'release'

/**
 * The port that brings due work to whoever does it. SQL is the truth: a queue may forget jobs, and hand one out twice.
 * What was forgotten is offered again at the next look at the tables.
 */
export interface Queue extends AsyncDisposable {
  /**
   * Offers jobs. One that waits already, or is being done, is not added again.
   * @throws CodedError QUEUE_UNREACHABLE
   */
  offer(jobs: readonly Job[]): Promise<void>
  /**
   * Does jobs of one kind as they come, until the signal is aborted; what is in hand then is finished first. A `perform`
   * that rejects ends its job as one that resolves does: the row is still there.
   */
  work(kind: JobKind, perform: (job: Job) => Promise<void>, signal: AbortSignal): Promise<void>
  /** How many jobs wait or are being done. @throws CodedError QUEUE_UNREACHABLE */
  depth(kind: JobKind): Promise<number>
}

/** Bounds for each kind, for all processes together where the queue spans several. */
export type QueueLimits = Readonly<Record<JobKind, QueueLimit>>

export interface QueueLimit {
  /** Jobs at once. */
  readonly concurrency: number
  /** Jobs a second; undefined: as many as come. */
  readonly rate?: number | undefined
}
