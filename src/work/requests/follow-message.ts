import { heldRowsOf } from '../../ground/amavis/quarantine/held-rows.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { reopenRequest } from './reopen-request.ts'
import { lastRequests, type RequestRow } from './request-rows.ts'
import { type SettleDeps, settleWaiting } from './settle-waiting.ts'

/**
 * Lets the request for a message follow what somebody has done with the message otherwise: an admin who has released it
 * has approved; one that was deleted is gone; one that was restored waits again.
 */
export async function followMessage(deps: SettleDeps, heldId: string): Promise<void> {
  const request = (await lastRequests(deps.state, [heldId])).get(heldId)
  switch (request?.state) {
    case 'waiting':
      return settleWaiting(deps, [request])
    case 'gone':
      return (await isPending(deps, request)) ? void (await reopenRequest(deps, request)) : undefined
    case 'approved':
      // An admin tries again what had failed: its readers are told if it arrives.
      return lookAgainNow(deps, request)
    case 'refused':
    case 'expired':
    case 'released':
    case undefined:
  }
}

async function isPending({ storage }: SettleDeps, { mail, heldId }: RequestRow): Promise<boolean> {
  const rows = await heldRowsOf(storage, mail)
  return rows.some(row => heldIdOf(row) === heldId && row.rs === 'p')
}

async function lookAgainNow({ state, clock }: SettleDeps, { id }: RequestRow): Promise<void> {
  await state.sql
    .updateTable('digest_request')
    .set({ next_at: clock() })
    .where('request_id', '=', id)
    .where('next_at', 'is', null)
    .execute()
}
