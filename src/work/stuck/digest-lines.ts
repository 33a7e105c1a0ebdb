import type { Expression, ExpressionBuilder, SqlBool, UpdateObject } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import { isFree } from '../../ground/state/leases.ts'
import type { DigestTable, StateTables } from '../../ground/state/state-tables.ts'
import type { DigestState } from '../../ground/state/states.ts'
import { sendAnywayOnceAskedFor } from '../digest/make/send-anyway.ts'
import { countOf } from './count.ts'
import { type DigestGroup, digestsInGroup } from './digest-groups.ts'
import type { Group } from './group.ts'

/** A digest as an admin sees it. */
export interface DigestLine {
  readonly id: string
  readonly state: DigestState
  readonly reader: string
  readonly deliverTo: string
  /** The digest that it is a copy of, for somebody else; null: it is none. */
  readonly copyOf: string | null
  readonly messages: number
  readonly createdAt: number
  readonly attempts: number
  readonly nextAttemptAt: number
  /** The process that has leased it, which may have died. */
  readonly owner: string | null
  readonly leaseUntil: number | null
  readonly finishedAt: number | null
  /** The last reply of the SMTP server. */
  readonly reply: string | null
}

/** Counts the digests of a group, and lists those with the latest `next_attempt_at`. */
export async function digestsOf(
  state: Database<StateTables>,
  group: DigestGroup,
  now: number,
  limit: number | undefined,
): Promise<Group<DigestLine>> {
  const rows = digestsInGroup(state, group, now)
  const count = await countOf(state, rows.select('state'))
  const lines = await rows
    .selectAll()
    // The order of the index: any other order would need sorting.
    .orderBy('next_attempt_at', 'desc')
    .$if(limit !== undefined, query => query.limit(limit ?? 0))
    .execute()
  return { count, lines: lines.map(lineOf) }
}

/** Finds a digest by its id, in any state. */
export async function findDigestLine(
  state: Database<StateTables>,
  id: string,
): Promise<DigestLine | undefined> {
  const row = await state.sql
    .selectFrom('digest_digest')
    .selectAll()
    .where('digest_id', '=', id)
    .executeTakeFirst()
  return row && lineOf(row)
}

/**
 * Makes a digest due now, unless a process has leased it.
 * @param isAskedFor true to send it even if its reader has paused
 * @returns whether it was made due
 */
export async function makeDigestDue(
  state: Database<StateTables>,
  id: string,
  now: number,
  isAskedFor: boolean,
): Promise<boolean> {
  return change(state, id, now, { next_attempt_at: now, ...(isAskedFor && { firm: sendAnywayOnceAskedFor }) })
}

/** Makes a copy that has failed due once more. @returns whether it had failed */
export async function sendCopyAnew(state: Database<StateTables>, id: string, now: number): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_digest')
    .set({ state: 'pending', send_at: now, next_attempt_at: now, finished_at: null, attempts: 0 })
    .where('digest_id', '=', id)
    .where('state', '=', 'failed')
    .where('copy_of', 'is not', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Drops a pending digest, unless a process has leased it. A digest that was being resent becomes `sent` again.
 * @returns whether it was dropped
 */
export async function dropDigest(state: Database<StateTables>, id: string, now: number): Promise<boolean> {
  const end = { lease_owner: null, lease_until: null } as const
  const dropped = { ...end, state: 'dropped', finished_at: now } as const
  return (
    (await change(state, id, now, dropped, row => row('resent', 'is', null))) ||
    change(state, id, now, { ...end, state: 'sent' }, row => row('resent', 'is not', null))
  )
}

async function change(
  state: Database<StateTables>,
  id: string,
  now: number,
  to: UpdateObject<StateTables, 'digest_digest'>,
  only: Condition = row => row.and([]),
): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_digest')
    .set(to)
    .where('digest_id', '=', id)
    .where('state', '=', 'pending')
    .where(isFree(now))
    .where(only)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

type Condition = (row: ExpressionBuilder<StateTables, 'digest_digest'>) => Expression<SqlBool>

const lineOf = (row: DigestTable): DigestLine => ({
  id: row.digest_id,
  state: row.state,
  reader: row.reader,
  deliverTo: row.deliver_to,
  copyOf: row.copy_of,
  messages: row.item_count,
  createdAt: Number(row.created_at),
  attempts: row.attempts,
  nextAttemptAt: Number(row.next_attempt_at),
  owner: row.lease_owner,
  leaseUntil: row.lease_until === null ? null : Number(row.lease_until),
  finishedAt: row.finished_at === null ? null : Number(row.finished_at),
  reply: row.reply,
})
