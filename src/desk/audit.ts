import type { Reach } from '../admins/reach.ts'
import type { Database } from '../database/database.ts'
import type { AuditTable, StateTables } from '../database/state-tables.ts'
import { inReach } from './in-reach.ts'
import { boundedLimit, momentOf, type Page, type PageRequest, pageByTime } from './paging.ts'
import { LOOK_BACK } from './whose.ts'

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
  /** An address or `@domain`. */
  readonly recipient: string | null
  readonly outcome: string
  readonly detail: string | null
}

/** What was done, the newest first. Who looks after some domains sees what concerned them, of the last 30 days. */
export async function findAudit(
  { state, clock }: AuditDeps,
  reach: Reach,
  query: PageRequest,
): Promise<Page<AuditLine>> {
  const limit = boundedLimit(query.limit)
  const after = momentOf(query.after)
  const rows = await state.sql
    .selectFrom('digest_audit')
    .selectAll()
    .where(({ fn, ref }) => inReach(fn.coalesce(ref('reader'), ref('recipient')), reach))
    .$if(reach !== undefined, rows => rows.where('at', '>=', clock() - LOOK_BACK))
    .$if(after !== undefined, rows =>
      rows
        .where('at', '<=', after?.at ?? 0)
        .where(({ or, eb }) => or([eb('at', '<', after?.at ?? 0), eb('audit_id', '<', after?.id ?? '')])),
    )
    .orderBy('at', 'desc')
    .orderBy('audit_id', 'desc')
    .limit(limit + 1)
    .execute()
  return pageByTime(rows.map(auditLineOf), limit, line => line)
}

export const auditLineOf = (row: AuditTable): AuditLine => ({
  id: row.audit_id,
  at: Number(row.at),
  actorKind: row.actor_kind,
  actor: row.actor,
  remoteAddress: row.remote_address,
  action: row.action,
  itemId: row.item_id,
  recipient: row.recipient,
  outcome: row.outcome,
  detail: row.detail,
})
