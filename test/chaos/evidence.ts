import type { Ledger, Tables } from './ledger.ts'

/** What was promised and is not so. */
export interface Violation {
  readonly rule: string
  /** Whom or what it is about, with all that helps to look into it. */
  readonly about: string
}

export interface Evidence {
  readonly ledger: Ledger
  readonly tables: Tables
  readonly limits: Limits
}

export interface Limits {
  /** SMTP connections of one process: so many mails are in flight when it dies. */
  readonly connections: number
  /** Milliseconds for which a process keeps a digest to itself: it may take so long to record what became of it. */
  readonly lease: number
  /** Milliseconds from a claim to the end of its lease. */
  readonly claimLease: number
  /** Milliseconds that amavisd has for its answer. */
  readonly answerWithin: number
}
