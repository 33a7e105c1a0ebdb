/** What somebody says a message was. */
export type Verdict = 'spam' | 'notSpam'

/** What the filter was told about a message last. */
export interface Lesson {
  readonly verdict: Verdict
  /** As the audit names them. */
  readonly by: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly state: 'asked' | 'taught' | 'failed'
}
