/**
 * What happened while things broke, as observed from outside the program: by the sinks, the readers and the campaign.
 */
export interface Ledger {
  /** Digests that the digest sink received. */
  readonly digests: DigestCopy[]
  /** Messages that amavisd released and the MTA received. */
  readonly copies: ReleasedCopy[]
  /** The answers that readers got. */
  readonly answers: Answer[]
  readonly disturbances: Disturbance[]
  /** Processes that ended although nobody killed them. */
  readonly ends: UnexpectedEnd[]
}

export interface DigestCopy {
  /** Milliseconds since the epoch, as all times here. */
  readonly at: number
  readonly messageId: string
  readonly reader: string
  /** The subjects of the messages that it lists. */
  readonly subjects: readonly string[]
  /** The process that sent it. */
  readonly pid: number | undefined
  /** False when the connection broke before the sink could say 250. */
  readonly heard: boolean
}

export interface ReleasedCopy {
  readonly at: number
  readonly subject: string
  readonly recipient: string
  /** False when amavisd did not hear that the MTA had accepted it. */
  readonly heard: boolean
}

export interface Answer {
  readonly at: number
  readonly subject: string
  readonly reader: string
  /** True when the reader, after an uncertain release, asked for another copy. */
  readonly again: boolean
  /** The status in JSON, or the code of a failure, or `none` when no answer came. */
  readonly told: string
}

/** A time during which something was broken or away. */
export interface Disturbance {
  readonly what: 'process' | 'database' | 'amavisd' | 'digests' | 'mta' | 'redis'
  readonly from: number
  /** Infinity while it lasts. */
  to: number
  /** What was done: `kill`, `restart`, the step at which a process was killed. */
  readonly how: string
  /** The id of a killed process. */
  readonly pid?: number
}

export interface UnexpectedEnd {
  readonly at: number
  readonly name: string
  readonly pid: number
  readonly status: number | null
  readonly log: string
}

export const newLedger = (): Ledger => ({ digests: [], copies: [], answers: [], disturbances: [], ends: [] })

/** The contents of the tables when everything has settled. */
export interface Tables {
  readonly held: readonly HeldRow[]
  readonly digests: readonly DigestRow[]
  readonly releases: readonly ReleaseRow[]
  readonly runs: readonly RunRow[]
}

/** A held message for one recipient. The subject is unique among messages. */
export interface HeldRow {
  readonly subject: string
  readonly recipient: string
}

export interface DigestRow {
  readonly digestId: string
  readonly reader: string
  readonly state: string
}

export interface ReleaseRow extends HeldRow {
  readonly heldId: string
  readonly state: string
  readonly requestedAt: number
  readonly leaseUntil: number
  readonly code: string | null
  readonly reply: string | null
}

export interface RunRow {
  readonly runId: string
  readonly schedule: string | null
  readonly dueAt: number
  readonly finishedAt: number | null
}

/** The key of one message for one recipient, which a digest lists and a release frees. */
export const keyOf = (subject: string, address: string): string => `${subject} for ${address}`
