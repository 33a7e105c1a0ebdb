import type { Expression, ExpressionBuilder, SqlBool, UpdateObject } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import { isFree } from '../../ground/state/leases.ts'
import type { DigestTable, StateTables } from '../../ground/state/state-tables.ts'
import type { DigestState } from '../../ground/state/states.ts'
import { firmOnRequest } from '../digest/make/firm.ts'
import { countOf } from './count.ts'
import { type DigestGroup, digestsIn } from './digest-groups.ts'
import type { Group } from './group.ts'

/** One digest, as an admin sees it. */
export interface DigestLine {
  readonly id: string
  readonly state: DigestState
  readonly reader: string
  readonly deliverTo: string
  readonly messages: number
  readonly createdAt: number
  readonly attempts: number
  readonly nextAttemptAt: number
  /** The process that has it in hand, or had it when it died. */
  readonly owner: string | null
  readonly leaseUntil: number | null
  readonly finishedAt: number | null
  /** The SMTP server's last words. */
  readonly reply: string | null
}

/** How many digests there are of a group, and those whose time is the latest. */
export async function digestsOf(
  state: Database<StateTables>,
  group: DigestGroup,
  now: number,
  limit: number | undefined,
): Promise<Group<DigestLine>> {
  const rows = digestsIn(state, group, now)
  const count = await countOf(state, rows.select('state'))
  const lines = await rows
    .selectAll()
    // The order of the index: no other one could be had without sorting.
    .orderBy('next_attempt_at', 'desc')
    .$if(limit !== undefined, query => query.limit(limit ?? 0))
    .execute()
  return { count, lines: lines.map(lineOf) }
}

/** The digest of this id, whatever became of it. */
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
 * Makes a digest due that is in nobody's hands.
 * @param isAskedFor it goes out though its reader has paused
 * @returns whether it was one
 */
export async function makeDigestDue(
  state: Database<StateTables>,
  id: string,
  now: number,
  isAskedFor: boolean,
): Promise<boolean> {
  return change(state, id, now, { next_attempt_at: now, ...(isAskedFor && { firm: firmOnRequest }) })
}

/**
 * Ends a digest that is in nobody's hands, unsent; one that was to be sent again has been sent all the same.
 * @returns whether it was one
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
  messages: row.item_count,
  createdAt: Number(row.created_at),
  attempts: row.attempts,
  nextAttemptAt: Number(row.next_attempt_at),
  owner: row.lease_owner,
  leaseUntil: row.lease_until === null ? null : Number(row.lease_until),
  finishedAt: row.finished_at === null ? null : Number(row.finished_at),
  reply: row.reply,
})
