import { newId } from '../../../ground/state/id.ts'
import type { DigestTable } from '../../../ground/state/state-tables.ts'
import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import { ASKED_FOR } from './send-anyway.ts'

/** The batch id and the reader together identify a digest. */
export interface Batch {
  readonly runId: string
  readonly batchId: string
}

/** A digest that is to be written. */
export interface NewDigest {
  readonly reader: string
  readonly settings: ReaderSettings
  readonly deliverTo: string
  /** How many messages it lists; a digest with none says that nothing was held back. */
  readonly messages: number
  /** The earliest time to send it, in milliseconds since the epoch. */
  readonly sendAt: number
  /** Somebody asked for it, so it is sent even if its reader has paused. */
  readonly isAskedFor?: boolean
}

/** The columns of a new digest. The others are null until something happens to it. */
export type NewDigestRow = Omit<
  DigestTable,
  'lease_owner' | 'lease_until' | 'finished_at' | 'reply' | 'resent' | 'canary_at'
>

/** The row of a copy of a digest for an address, to be sent at the same time. */
export function copyRow(digest: NewDigestRow, deliverTo: string, now: number): NewDigestRow {
  const id = newId(now)
  // A batch of its own: a batch has one digest of each reader.
  return { ...digest, digest_id: id, batch_id: id, deliver_to: deliverTo, copy_of: digest.digest_id }
}

export const digestRow = (
  batch: Batch,
  { reader, settings, deliverTo, messages, sendAt, isAskedFor = false }: NewDigest,
  now: number,
): NewDigestRow => ({
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
  send_at: sendAt,
  firm: isAskedFor ? ASKED_FOR : null,
  copy_of: null,
})
