import { HOUR } from '../../src/ground/durations.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import type { EmbeddedProgram } from './program.ts'

/** Rows of our tables with default values, so that a test names only the columns it is about. */
export const digestRow = (
  id: string,
  reader: string,
  createdAt: number,
  row: Partial<StateTables['digest_digest']> = {},
): StateTables['digest_digest'] => ({
  digest_id: id,
  run_id: `run-${id}`,
  batch_id: `batch-${id}`,
  reader,
  deliver_to: reader,
  language: 'en',
  time_zone: 'UTC',
  item_count: 1,
  state: 'sent',
  created_at: createdAt,
  attempts: 1,
  next_attempt_at: createdAt,
  lease_owner: null,
  lease_until: null,
  finished_at: createdAt + 1000,
  reply: '250 2.0.0 Ok',
  resent: null,
  send_at: null,
  canary_at: null,
  firm: null,
  copy_of: null,
  ...row,
})

export const itemRow = (
  id: string,
  reader: string,
  collectedAt: number,
  row: Partial<StateTables['digest_item']> = {},
): StateTables['digest_item'] => ({
  item_id: id,
  partition_tag: 0,
  mail_id: `mail-${id}`,
  rseqnum: 1,
  recipient: reader,
  reader,
  content: 'S',
  mail_at: collectedAt - HOUR,
  collected_at: collectedAt,
  digest_id: null,
  held_id: null,
  listed_in: null,
  promised_until: null,
  ...row,
})

export const releaseRow = (
  itemId: string,
  requestedAt: number,
  row: Partial<StateTables['digest_release']> = {},
): StateTables['digest_release'] => ({
  item_id: itemId,
  asked_item: null,
  state: 'released',
  claim_id: 'claim',
  requested_by: 'alice@example.com',
  asked_by: null,
  requested_at: requestedAt,
  lease_until: requestedAt,
  attempts: 1,
  next_attempt_at: null,
  finished_at: requestedAt + 100,
  code: null,
  reply: '250 2.0.0 Ok',
  ...row,
})

export async function insert<
  Table extends 'digest_digest' | 'digest_item' | 'digest_release' | 'digest_click',
>(
  { state }: Pick<EmbeddedProgram, 'state'>,
  table: Table,
  rows: readonly StateTables[Table][],
): Promise<void> {
  await state.sql
    .insertInto(table)
    .values(rows as never)
    .execute()
}
