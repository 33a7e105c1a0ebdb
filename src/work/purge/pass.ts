import type { Logger } from 'pino'
import type { ContentKind } from '../../ground/amavis/content.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import type { Terms } from './expiry.ts'
import type { Hand } from './hand.ts'
import type { Lease } from './lease.ts'
import type { PromiseDeps } from './promises.ts'

export interface PurgeDeps extends PromiseDeps {
  readonly storage: Database<AmavisTables>
  readonly clock: () => number
  readonly log: Logger
  readonly terms: Terms
  /** The most messages of one transaction. */
  readonly batch: number
  /** How many times as long as it worked it rests after each batch. */
  readonly pause: number
}

/** One pass over the tables, from its begin to its end. */
export interface Pass extends PurgeDeps {
  /** When it began, in milliseconds since the epoch: what is old is decided by that. */
  readonly now: number
  readonly hand: Hand
  readonly found: Found
  /** In `serve`, and not by hand. */
  readonly byClock: boolean
  /** Undefined when it only counts. */
  readonly lease: Lease | undefined
  readonly signal: AbortSignal
  /** It was stopped, or another process has begun one, before its end. */
  isOver: boolean
}

/** What a pass has found and, unless it only counts, deleted. The numbers are rows. */
export interface Found {
  msgs: number
  msgrcpt: number
  quarantine: number
  maddr: number
  /** Octets in `quarantine`, by `msgs.size`. */
  bytes: number
  /** Rows of our own tables. */
  own: number
  /** Messages that are older than the retention, and were left because they are promised to readers. */
  promised: number
  /** The messages and octets among these, by kind. `unfinished`: amavisd did not finish with them. */
  readonly kinds: Partial<Record<ContentKind | 'unfinished', { msgs: number; bytes: number }>>
}

export const nothingFound = (): Found => ({
  msgs: 0,
  msgrcpt: 0,
  quarantine: 0,
  maddr: 0,
  bytes: 0,
  own: 0,
  promised: 0,
  kinds: {},
})

/** Whether the pass goes on: nobody has stopped it, and no other process has begun one. */
export async function goesOn(pass: Pass): Promise<boolean> {
  const { signal, lease } = pass
  pass.isOver ||= signal.aborted || (lease !== undefined && !(await lease.renew()))
  return !pass.isOver
}
