import type { Logger } from 'pino'
import { recordAudit } from '../../ground/audit/record.ts'
import type { Database } from '../../ground/database/database.ts'
import { inTransaction } from '../../ground/database/transaction.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { changeRequest, type RequestRow } from './request-rows.ts'

interface EndDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly log: Logger
}

/** How a request ends on which nobody has decided here. */
export interface Ending {
  /** `approved`: an admin has released the message otherwise. */
  readonly state: 'approved' | 'expired' | 'released' | 'gone'
  /** The admin who did. */
  readonly by?: string
}

/** Ends a request, if it is as it was read. Its readers are told by the sweep. */
export async function endRequest(deps: EndDeps, request: RequestRow, { state, by }: Ending): Promise<void> {
  const now = deps.clock()
  const change = {
    state,
    open_held_id: null,
    decided_by: by ?? null,
    decided_at: now,
    marked: state === 'released' || state === 'gone' ? 1 : 0,
    next_at: now,
  }
  if (!(await changeRequest(deps.state, request, change))) return
  deps.log.info({ request: request.id, recipient: request.recipient, state, by }, 'a request has ended')
  await audit(deps, request, state)
}

/** Forgets a request that another program has made and taken back: nobody waits for it. */
export async function withdrawRequest(deps: EndDeps, request: RequestRow): Promise<void> {
  const isGone = await inTransaction(deps.state, async sql => {
    if (!(await changeRequest({ sql }, request, { open_held_id: null }))) return false
    await sql.deleteFrom('digest_request').where('request_id', '=', request.id).execute()
    return true
  })
  if (isGone) await audit(deps, request, 'withdrawn')
}

const audit = ({ state, clock }: EndDeps, { heldId, recipient }: RequestRow, outcome: string) =>
  recordAudit(
    state,
    {
      actor: { kind: 'program', name: 'requests', remoteAddress: null },
      action: 'request-end',
      itemId: heldId,
      recipient,
      outcome,
    },
    clock(),
  )
