import type { Expression, ExpressionBuilder, SqlBool, UpdateObject } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import type { DigestState, DigestTable, StateTables } from '../../ground/state/state-tables.ts'
import { sendAnywayOnceAskedFor } from '../digest/make/send-anyway.ts'
import { FAILURES_SHOWN_FOR, type Group } from './group.ts'

/** A digest as an admin sees it. */
export interface DigestLine {
  readonly id: string
  readonly state: DigestState
  readonly reader: string
  readonly deliverTo: string
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

export type DigestGroup =
  /** Leased by a process that is sending it. */
  | 'sending'
  /** To be sent as soon as a process leases it. */
  | 'due'
  /** Waiting for its place in a run whose mails are spread. */
  | 'spread'
  /** Attempted, and to be attempted again later. */
  | 'putOff'
  /** Refused or given up within the last days. */
  | 'failed'

/** How many digests a group has, and those with the latest `next_attempt_at`. */
export async function digestsOf(
  state: Database<StateTables>,
  group: DigestGroup,
  now: number,
  limit: number | undefined,
): Promise<Group<DigestLine>> {
  const rows = state.sql.selectFrom('digest_digest').where(isDigestOf(group, now))
  const { number } = await rows.select(({ fn }) => fn.countAll().as('number')).executeTakeFirstOrThrow()
  const lines = await rows
    .selectAll()
    // The order of the index: any other order would need sorting.
    .orderBy('next_attempt_at', 'desc')
    .$if(limit !== undefined, query => query.limit(limit ?? 0))
    .execute()
  return { count: Number(number), lines: lines.map(lineOf) }
}

/** Finds a digest by its id, in whatever state it is. */
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

/**
 * Drops a pending digest, unless a process has leased it. A digest that was only to be resent becomes `sent` again.
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

type Where = ExpressionBuilder<StateTables, 'digest_digest'>
type Condition = (row: Where) => Expression<SqlBool>

const isFree =
  (now: number): Condition =>
  row =>
    row.or([row('lease_until', 'is', null), row('lease_until', '<=', now)])

const isLater =
  (now: number): Condition =>
  row =>
    row.and([row('state', '=', 'pending'), row('next_attempt_at', '>', now), isFree(now)(row)])

/** The condition for a digest to be in a group. */
export function isDigestOf(group: DigestGroup, now: number): Condition {
  switch (group) {
    case 'sending':
      return row => row.and([row('state', '=', 'pending'), row('lease_until', '>', now)])
    case 'due':
      return row =>
        row.and([row('state', '=', 'pending'), row('next_attempt_at', '<=', now), isFree(now)(row)])
    case 'spread':
      return row => row.and([isLater(now)(row), row('attempts', '=', 0)])
    case 'putOff':
      return row => row.and([isLater(now)(row), row('attempts', '>', 0)])
    case 'failed':
      // `next_attempt_at` is in the index: the last attempt was due then, but may have been made much later.
      return row =>
        row.and([
          row('state', '=', 'failed'),
          row('next_attempt_at', '>=', now - 5 * FAILURES_SHOWN_FOR),
          row('finished_at', '>=', now - FAILURES_SHOWN_FOR),
        ])
  }
}

const lineOf = (row: DigestTable): DigestLine => ({
  id: row.digest_id,
  state: row.state,
  reader: row.reader,
  deliverTo: row.deliver_to,
  messages: row.item_count,
  createdAt: Number(row.created_at),
  attempts: row.attempts,
  nextAttemptAt: Number(row.next_attempt_at),
  owner: row.lease_owner,
  leaseUntil: row.lease_until === null ? null : Number(row.lease_until),
  finishedAt: row.finished_at === null ? null : Number(row.finished_at),
  reply: row.reply,
})
