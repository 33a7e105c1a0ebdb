import type { Page } from '../../ground/database/walk-by-key.ts'
import { DAY } from '../../ground/durations.ts'
import { SEEN, type Seen } from '../../work/looks/record-look.ts'
import { auditLinesOf } from '../admin/changes/find-changes.ts'
import { type ChangeLine, type ChangesDeps, withMails } from '../admin/changes/find-changes-with-mail.ts'
import {
  boundedLimit,
  isAfterPosition,
  type PageRequest,
  pageByTime,
  positionOf,
} from '../admin/listing/paging.ts'

/** That somebody looked at what a reader sees, as that reader is told. */
export interface Look {
  /** Who looked: the address of an admin or of somebody of the help desk. */
  readonly by: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Undefined: another version has written what this one does not know. */
  readonly seen: Seen | undefined
  readonly message: SeenMessage | undefined
}

export interface SeenMessage {
  /** How the reader's pages name it. */
  readonly ref: string
  /** Undefined: amavis no longer has it, or it was opened before it was collected. Its sender wrote it. */
  readonly subject: string | undefined
}

/** Who looked at what a reader sees, the newest first, for as long as the audit is kept. @throws CodedError REQUEST_INVALID */
export async function looksAt(deps: ChangesDeps, reader: string, request: PageRequest): Promise<Page<Look>> {
  const limit = boundedLimit(request.limit)
  const after = positionOf(request.after)
  const rows = await looksOf(deps, reader)
    .where(({ ref }) => isAfterPosition(after, ref('at'), ref('audit_id')))
    .limit(limit + 1)
    .execute()
  const page = pageByTime(rows, limit, row => ({ at: Number(row.at), id: row.audit_id }))
  const lines = await withMails(deps, await auditLinesOf(deps.state, page.rows))
  return { rows: lines.map(lookOf), next: page.next }
}

/** The last look of the last 30 days. */
export async function lastLookAt(
  deps: Pick<ChangesDeps, 'state' | 'clock'>,
  reader: string,
): Promise<Pick<Look, 'by' | 'at'> | undefined> {
  const row = await looksOf(deps, reader)
    .where('at', '>', deps.clock() - TOLD_FOR)
    .limit(1)
    .executeTakeFirst()
  return row && { by: row.actor, at: Number(row.at) }
}

const TOLD_FOR = 30 * DAY

/** Along `digest_audit_reader`. */
const looksOf = ({ state }: Pick<ChangesDeps, 'state'>, reader: string) =>
  state.sql
    .selectFrom('digest_audit')
    .selectAll()
    .where('reader', '=', reader)
    .where('action', '=', 'look')
    .orderBy('at', 'desc')
    .orderBy('audit_id', 'desc')

const lookOf = ({ actor, at, outcome, detail, mail }: ChangeLine): Look => ({
  by: actor,
  at,
  seen: SEEN.find(name => name === outcome),
  message: outcome === 'message' && detail ? { ref: detail, subject: mail?.subject } : undefined,
})
