import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { type HeldRow, heldRowsOf } from '../../ground/amavis/quarantine/held-rows.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import { type Actor, recordAudit } from '../../ground/audit/record.ts'
import type { RequestTerms } from '../../ground/config/options/requests-options.ts'
import type { Database } from '../../ground/database/database.ts'
import { inTransaction } from '../../ground/database/transaction.ts'
import { CodedError } from '../../ground/errors.ts'
import type { WorkWatch } from '../../ground/health/work-watch.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { publishStep } from '../../ground/steps.ts'
import { offerFor } from '../../rules/policy/offer.ts'
import type { Policies } from '../../rules/policy/policy.ts'
import { requirePermission, type Visitor } from '../../rules/reach/visitor.ts'
import { heldIdOf } from '../collect/item-id.ts'
import type { Item } from '../collect/items.ts'
import { findRelease } from '../release/claims.ts'
import { openRequest } from './open-request.ts'
import { changeRequest, findOpenRequest, findRequest, lastRequests, type RequestRow } from './request-rows.ts'
import { type RequestSeen, requestSeen } from './requests-seen.ts'
import { settleWaiting } from './settle-waiting.ts'

export interface AskForReleaseDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly policies: Policies
  readonly requestTerms: RequestTerms
  readonly clock: () => number
  readonly works: WorkWatch
  readonly log: Logger
}

/**
 * What a reader is told who asks. `requested`: an admin decides, or has approved and it is on its way. `refused`: an
 * admin has refused it, and it cannot be asked for again. `already-released`: there is nothing left to ask for.
 */
export type AskOutcome =
  | { readonly status: 'requested' | 'refused'; readonly request: RequestSeen }
  | { readonly status: 'already-released'; readonly request: undefined }

/**
 * A reader asks the admins for a message that they may not release themselves. All readers of a message share one
 * request; who asks again gets the same answer. Our row is written first, then `msgrcpt.rs` becomes p, by which other
 * programs know that it waits. Each call leaves an audit row, even if it throws.
 *
 * @throws CodedError OUT_OF_REACH, MESSAGE_GONE, POLICY_REFUSED for mail that nobody can ask for
 */
export async function askForRelease(
  deps: AskForReleaseDeps,
  item: Item,
  by: { readonly visitor: Visitor; readonly actor: Actor },
): Promise<AskOutcome> {
  try {
    const outcome = await ask(deps, item, by.visitor)
    await audit(deps, item, by.actor, outcome.status)
    return outcome
  } catch (error) {
    await audit(deps, item, by.actor, error instanceof CodedError ? error.code : 'INTERNAL')
    throw error
  }
}

async function ask(deps: AskForReleaseDeps, item: Item, visitor: Visitor): Promise<AskOutcome> {
  requirePermission(visitor, 'release', item.reader)
  const [row] = await heldRowsOf(deps.storage, item)
  if (!row || heldIdOf(row) !== item.heldId || row.recipient !== item.recipient) throw gone()
  const known = (await lastRequests(deps.state, [item.heldId])).get(item.heldId)
  const standing = await standingOf(deps, row, known)
  if (standing === 'released') return { status: 'already-released', request: undefined }
  if (known && standing !== 'open') return answer(standing, known, visitor)
  requireAskable(deps, row, visitor)
  const request = await joinOrOpen(deps, row, item)
  publishStep('request-written')
  await mark(deps, request)
  // It may have been released or deleted in this very moment: then it says so.
  const now = (await findRequest(deps.state, request.id)) ?? request
  if (now.state === 'released') return { status: 'already-released', request: undefined }
  if (now.state === 'gone') throw gone()
  return answer(now.state === 'refused' ? 'refused' : 'requested', now, visitor)
}

/** A failure is only logged: the sweep marks it, and the admins are told all the same. */
async function mark(deps: AskForReleaseDeps, request: RequestRow): Promise<void> {
  const settle = () => settleWaiting(deps, [request])
  await deps.works.run('recording', 'requests', settle).catch((error: unknown) => {
    deps.log.error({ err: error, request: request.id }, 'msgrcpt.rs could not be set to p; it is tried again')
  })
}

const answer = (status: 'requested' | 'refused', request: RequestRow, { reader }: Visitor): AskOutcome => ({
  status,
  request: requestSeen(request, reader),
})

/** Whether it has been released, was refused, is on its way, or may be asked for. */
async function standingOf(
  deps: AskForReleaseDeps,
  { rs }: HeldRow,
  known: RequestRow | undefined,
): Promise<'released' | 'refused' | 'requested' | 'open'> {
  if (rs === 'R') return 'released'
  if (rs === 'D') throw gone()
  if (known?.state === 'refused') return 'refused'
  if (known?.state !== 'approved') return 'open'
  const release = await findRelease(deps.state, known.heldId)
  if (release?.state === 'released') return 'released'
  // The approval has failed: it may be asked for anew.
  return release?.state === 'failed' || release?.state === 'uncertain' ? 'open' : 'requested'
}

const gone = () => new CodedError('MESSAGE_GONE', 'The quarantine no longer has this message.')

function requireAskable({ policies }: AskForReleaseDeps, row: HeldRow, visitor: Visitor): void {
  // What another program has marked as asked for (`rs` = p) can be joined.
  if (offerFor({ ...row, state: 'held' }, policies, visitor) === 'request') return
  throw new CodedError('POLICY_REFUSED', 'Mail of this kind cannot be asked for.')
}

/** The request that waits, with this reader among those who have asked. */
async function joinOrOpen(deps: AskForReleaseDeps, row: HeldRow, item: Item): Promise<RequestRow> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const request =
      (await findOpenRequest(deps.state, item.heldId)) ?? (await openRequest(deps, row, [item], deps.clock()))
    if (request?.readers.includes(item.reader)) return request
    if (request && (await join(deps, request, item)))
      return (await findRequest(deps.state, request.id)) ?? request
  }
  throw new CodedError('DATABASE_REFUSED', 'Many readers ask for this message at once: try again.')
}

/** Each look is lost only to a reader, an admin or the clock who has just changed the request. */
const MOST_LOOKS = 10

/** The row of the request is changed as well, so that nobody joins what has just been decided. */
const join = ({ state, clock }: AskForReleaseDeps, request: RequestRow, item: Item): Promise<boolean> =>
  inTransaction(state, async sql => {
    if (!(await changeRequest({ sql }, request, {}))) return false
    const reader = { request_id: request.id, reader: item.reader, item_id: item.itemId, asked_at: clock() }
    const insert = sql.insertInto('digest_request_reader').values({ ...reader, told: null })
    await state.dialect.insertNew(insert, ['request_id', 'reader']).execute()
    return true
  })

async function audit(
  { state, clock, log }: AskForReleaseDeps,
  { itemId, recipient, reader }: Item,
  actor: Actor,
  outcome: string,
): Promise<void> {
  const entry = { actor, action: 'request', itemId, recipient, reader, outcome } as const
  await recordAudit(state, entry, clock()).catch((error: unknown) => {
    log.error({ err: error, ...entry }, 'a request could not be written to the audit')
  })
}
