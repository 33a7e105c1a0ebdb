import type { Database } from '../../ground/database/database.ts'
import { DAY } from '../../ground/durations.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { unlistedMessages } from '../collect/unlisted.ts'
import { endOfUse, type OwnRowsDeps, tidyOwnRows } from '../purge/own-rows.ts'

export interface TidyDeps extends OwnRowsDeps {
  readonly clock: () => number
  /** How long a row of the audit is kept, in milliseconds. */
  readonly auditKeptFor: number
}

/** Deletes rows of our own tables that are no longer needed. Any number of processes may do so at once. */
export async function tidy(deps: TidyDeps): Promise<void> {
  const { state, clock, auditKeptFor } = deps
  const now = clock()
  const audit = { table: 'digest_audit', key: 'audit_id', time: 'at', keptFor: auditKeptFor } as const
  for (const { table, key, time, keptFor } of [...SHORT_LIVED, audit]) {
    await inBatches(() => deleteBatch(state, { table, key, time, before: now - keptFor }))
  }
  const before = (await lastAnswerAt(state, now)) - ANSWERS_KEPT_FOR
  await inBatches(() =>
    deleteBatch(state, { table: 'digest_answer', key: 'address', time: 'asked_at', before }),
  )
  await inBatches(() => forgetUnlisted(state, now - UNLISTED_KEPT_FOR))
  await inBatches(() => deleteBulks(state, now - BULKS_KEPT_FOR))
  await inBatches(() => deleteRequests(state, Math.min(now - auditKeptFor, endOfUse(deps, now))))
  await tidyOwnRows(deps, now)
}

/** For who comes back to see what became of several messages. */
const BULKS_KEPT_FOR = 7 * DAY

/** Longer than collecting looks back, so that no message is found a second time. */
const UNLISTED_KEPT_FOR = 30 * DAY

/** For how long after the directory's last answer about anything. As long as the directory is away, none is deleted. */
const ANSWERS_KEPT_FOR = 30 * DAY

/** Sign-ins and requests are kept for a while after they have expired, because rate limits count them. */
const SHORT_LIVED = [
  { table: 'digest_click', key: 'click_id', time: 'at', keptFor: 90 * DAY },
  { table: 'digest_sign_in', key: 'token_hash', time: 'expires_at', keptFor: DAY },
  { table: 'digest_session', key: 'session_hash', time: 'expires_at', keptFor: DAY },
  { table: 'digest_attempt', key: 'attempt_id', time: 'expires_at', keptFor: 0 },
  { table: 'digest_destination', key: 'request_id', time: 'expires_at', keptFor: 7 * DAY },
] as const

/** How many rows one transaction deletes: few enough to hold up nobody. */
const BATCH = 500

async function inBatches(work: () => Promise<number>): Promise<void> {
  while ((await work()) === BATCH);
}

/** When the directory last answered, but no later than now: a clock may have been ahead. */
async function lastAnswerAt({ sql }: Database<StateTables>, now: number): Promise<number> {
  const row = await sql
    .selectFrom('digest_answer')
    .select(({ fn }) => fn.max('asked_at').as('at'))
    .executeTakeFirst()
  return Math.min(now, Number(row?.at ?? now))
}

/** @returns how many rows were deleted */
async function forgetUnlisted(state: Database<StateTables>, before: number): Promise<number> {
  const rows = await unlistedMessages(state).select('name').where('value', '<', before).limit(BATCH).execute()
  const names = rows.map(({ name }) => name)
  if (names.length > 0) await state.sql.deleteFrom('digest_watermark').where('name', 'in', names).execute()
  return names.length
}

/**
 * What became of several messages that were released or deleted at once: first the rows, so that none is left alone.
 *
 * @returns how many rows were deleted, or the size of a batch if there may be more
 */
async function deleteBulks({ sql }: Database<StateTables>, before: number): Promise<number> {
  const old = await sql
    .selectFrom('digest_bulk')
    .select('bulk_id')
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  if (!old) return 0
  await sql.deleteFrom('digest_bulk_row').where('bulk_id', '=', old.bulk_id).execute()
  await sql.deleteFrom('digest_bulk').where('bulk_id', '=', old.bulk_id).execute()
  return BATCH
}

/**
 * What readers have asked for and admins decided. As long as the mail is kept, who was refused it cannot ask again.
 * First the readers, so that none is left alone.
 *
 * @returns how many rows were deleted
 */
async function deleteRequests({ sql }: Database<StateTables>, before: number): Promise<number> {
  const rows = await sql
    .selectFrom('digest_request')
    .select('request_id')
    .where('asked_at', '<', before)
    .where('state', '!=', 'waiting')
    .where('next_at', 'is', null)
    .orderBy('asked_at')
    .limit(BATCH)
    .execute()
  const ids = rows.map(row => row.request_id)
  if (ids.length === 0) return 0
  await sql.deleteFrom('digest_request_reader').where('request_id', 'in', ids).execute()
  await sql.deleteFrom('digest_request').where('request_id', 'in', ids).execute()
  return ids.length
}

interface ExpiredRows {
  readonly table: (typeof SHORT_LIVED)[number]['table'] | 'digest_audit' | 'digest_answer'
  readonly key: (typeof SHORT_LIVED)[number]['key'] | 'audit_id' | 'address'
  readonly time: (typeof SHORT_LIVED)[number]['time'] | 'asked_at'
  /** Milliseconds since the epoch. */
  readonly before: number
}

/** @returns how many rows were deleted */
async function deleteBatch({ sql }: Database<StateTables>, expired: ExpiredRows): Promise<number> {
  const { ref } = sql.dynamic
  const rows = await sql
    .selectFrom(expired.table as 'digest_click')
    .select(ref<'click_id'>(expired.key))
    .where(ref(expired.time), '<', expired.before)
    .orderBy(ref(expired.time))
    .limit(BATCH)
    .execute()
  const keys = rows.map(row => Object.values(row)[0] as string)
  if (keys.length === 0) return 0
  await sql
    .deleteFrom(expired.table as 'digest_click')
    .where(ref(expired.key), 'in', keys)
    .execute()
  return keys.length
}
