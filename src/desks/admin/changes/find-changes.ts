import type { Database } from '../../../ground/database/database.ts'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import type { AuditTable, StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { findItems, type Item } from '../../../work/collect/items.ts'
import { boundedLimit, isAfterPosition, type PageRequest, pageByTime, positionOf } from '../listing/paging.ts'
import { LOOK_BACK, matchesReader, readerFilter } from '../listing/reader-filter.ts'

export interface AuditDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** Who did what, and what came of it. */
export interface AuditLine {
  readonly id: string
  readonly at: number
  readonly actorKind: AuditTable['actor_kind']
  readonly actor: string
  readonly remoteAddress: string | null
  /** An `AuditAction`. */
  readonly action: string
  readonly itemId: string | null
  /** amavis's id of the item's message; null when the item is no longer kept. */
  readonly mailId: string | null
  /** The digest that the action was about, or that lists the message. */
  readonly digestId: string | null
  /** An address or `@domain`. */
  readonly recipient: string | null
  readonly outcome: string
  readonly detail: string | null
}

export interface AuditQuery extends PageRequest {
  /** An address or `@domain`: only what concerned them. */
  readonly reader?: string | undefined
}

/**
 * Lists what was done, newest first. A list for some domains or for some readers goes back 30 days.
 * @throws CodedError REQUEST_INVALID, OUT_OF_REACH
 */
export async function findAudit(
  { state, clock }: AuditDeps,
  reach: Reach,
  query: AuditQuery,
): Promise<Page<AuditLine>> {
  const filter = readerFilter(reach, query.reader)
  const isBounded = filter.needsScan || filter.reader !== undefined
  const limit = boundedLimit(query.limit)
  const after = positionOf(query.after)
  const rows = await state.sql
    .selectFrom('digest_audit')
    .selectAll()
    .where(({ fn, ref }) => matchesReader(filter, fn.coalesce(ref('reader'), ref('recipient'))))
    .$if(isBounded, rows => rows.where('at', '>=', clock() - LOOK_BACK))
    .where(({ ref }) => isAfterPosition(after, ref('at'), ref('audit_id')))
    .orderBy('at', 'desc')
    .orderBy('audit_id', 'desc')
    .limit(limit + 1)
    .execute()
  const page = pageByTime(rows, limit, row => ({ at: Number(row.at), id: row.audit_id }))
  return { ...page, rows: await auditLinesOf(state, page.rows) }
}

/** Audit lines, with the ids of the messages that they are about. */
export async function auditLinesOf(
  state: Database<StateTables>,
  rows: readonly AuditTable[],
): Promise<AuditLine[]> {
  const items = await findItems(state, [...new Set(rows.flatMap(row => row.item_id ?? []))])
  const byId = new Map(items.map(item => [item.itemId, item]))
  return rows.map(row => auditLineOf(row, byId.get(row.item_id ?? '')))
}

const auditLineOf = (row: AuditTable, item: Item | undefined): AuditLine => ({
  id: row.audit_id,
  at: Number(row.at),
  actorKind: row.actor_kind,
  actor: row.actor,
  remoteAddress: row.remote_address,
  action: row.action,
  itemId: row.item_id,
  mailId: item?.mailId ?? null,
  digestId: row.digest_id ?? item?.digestId ?? null,
  recipient: row.recipient,
  outcome: row.outcome,
  detail: row.detail,
})
