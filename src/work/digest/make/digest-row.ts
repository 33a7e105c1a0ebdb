import { newId } from '../../../ground/state/id.ts'
import type { DigestTable } from '../../../ground/state/state-tables.ts'
import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import { ASKED_FOR } from './send-anyway.ts'

/** With the reader, a key of a digest. */
export interface Batch {
  readonly runId: string
  readonly batchId: string
}

/** A digest that is to be. */
export interface NewDigest {
  readonly reader: string
  readonly settings: ReaderSettings
  readonly deliverTo: string
  /** How many; with none it says that nothing was held back. */
  readonly messages: number
  /** Milliseconds since the epoch: not before. */
  readonly sendAt: number
  /** It was asked for by hand: it goes though its reader has paused. */
  readonly isAskedFor?: boolean
}

export const digestRow = (
  batch: Batch,
  { reader, settings, deliverTo, messages, sendAt, isAskedFor = false }: NewDigest,
  now: number,
): DigestTable => ({
  digest_id: newId(now),
  run_id: batch.runId,
  batch_id: batch.batchId,
  reader,
  deliver_to: deliverTo,
  language: settings.language,
  time_zone: settings.timeZone,
  item_count: messages,
  state: 'pending',
  created_at: now,
  attempts: 0,
  next_attempt_at: sendAt,
  lease_owner: null,
  lease_until: null,
  finished_at: null,
  reply: null,
  resent: null,
  send_at: sendAt,
  canary_at: null,
  firm: isAskedFor ? ASKED_FOR : null,
})
