import type { Ledger, Tables } from './ledger.ts'

/** A promise that was broken. */
export interface Violation {
  readonly rule: string
  /** The subject of the violation, with the details needed to investigate it. */
  readonly about: string
}

export interface Evidence {
  readonly ledger: Ledger
  readonly tables: Tables
  readonly limits: Limits
  /** When all work had come to an end. A run that became due later is continued at the next start. */
  readonly settledAt: number
}

export interface Limits {
  /** SMTP connections of one process: at most so many mails are under way when it dies. */
  readonly connections: number
  /** Milliseconds for which a process has leased a digest: it may take so long to record the outcome. */
  readonly lease: number
  /** Milliseconds from a claim to the end of its lease. */
  readonly claimLease: number
  /** Milliseconds within which amavisd has to answer. */
  readonly answerWithin: number
}
