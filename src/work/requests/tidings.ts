/** What a reader is told by mail about a request. */
export type Tidings =
  /** It was approved and released to the mailbox. */
  | 'arrived'
  /** It was approved; the delivery waits. */
  | 'queued'
  /** It was approved, and could not be delivered. */
  | 'failed'
  /** It was approved; whether it was delivered, nobody knows. */
  | 'uncertain'
  | 'refused'
  | 'expired'
  /** It was released otherwise. */
  | 'released'
  /** It was deleted, or the quarantine no longer has it. */
  | 'gone'
