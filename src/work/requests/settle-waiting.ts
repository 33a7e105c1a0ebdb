import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { type HeldRow, heldRowsOf, heldRowsOfMessages } from '../../ground/amavis/quarantine/held-rows.ts'
import { changeStatus } from '../../ground/amavis/quarantine/recipient-status.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import { MINUTE } from '../../ground/durations.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { findReleases, RELEASED_ELSEWHERE, type ReleaseRow } from '../release/claims.ts'
import { type Ending, endRequest, withdrawRequest } from './end-request.ts'
import type { RequestRow } from './request-rows.ts'

export interface SettleDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly log: Logger
}

/**
 * Brings requests that wait and amavis's tables into agreement. `rs` becomes p. A request whose message has been
 * released, deleted or purged since, by whomever, ends, as does one for which the time is up. At most some hundred.
 */
export async function settleWaiting(deps: SettleDeps, requests: readonly RequestRow[]): Promise<void> {
  const rows = await rowsOf(deps, requests)
  const releases = await findReleases(
    deps.state,
    requests.map(({ heldId }) => heldId),
  )
  const settled: RequestRow[] = []
  for (const request of requests) {
    const row = rows.get(request.heldId)
    const ending = endingOf(request, row, releases.get(request.heldId), deps.clock())
    if (ending) await endRequest(deps, request, ending)
    else if (row && (await markPending(deps, request, row))) settled.push(request)
  }
  await lookAgainLater(deps, settled)
}

/** By `heldId`: what amavis's tables have of these messages, if they still are the same. */
async function rowsOf(
  { storage }: SettleDeps,
  requests: readonly RequestRow[],
): Promise<ReadonlyMap<string, HeldRow>> {
  const rows = await heldRowsOfMessages(
    storage,
    requests.map(({ mail }) => mail.mailId),
  )
  return new Map(rows.map(row => [heldIdOf(row), row]))
}

function endingOf(
  request: RequestRow,
  row: HeldRow | undefined,
  release: ReleaseRow | undefined,
  now: number,
): Ending | undefined {
  const isGranted = release && release.state !== 'failed' && release.state !== 'uncertain'
  // An admin has released it without looking at the request.
  if (isGranted && release.askedBy !== release.requestedBy && release.reply !== RELEASED_ELSEWHERE)
    return { state: 'approved', by: release.askedBy }
  if (release?.state === 'released' || row?.rs === 'R') return { state: 'released' }
  if (!row || row.rs === 'D') return { state: 'gone' }
  return request.expiresAt <= now ? { state: 'expired' } : undefined
}

/** @returns whether the request still waits, and `rs` is p */
async function markPending(deps: SettleDeps, request: RequestRow, read: HeldRow): Promise<boolean> {
  let row: HeldRow | undefined = read
  for (let looks = 0; row && looks < MOST_LOOKS; looks += 1) {
    if (row.rs === 'p') return true
    // Another program asked, and has taken that back.
    if (request.readers.length === 0) return withdrawn(deps, request)
    if (row.rs === 'R' || row.rs === 'D') break
    if (await changeStatus(deps.storage, row, row.rs, 'p')) return true
    row = (await heldRowsOf(deps.storage, row)).find(one => heldIdOf(one) === request.heldId)
  }
  await endRequest(deps, request, { state: row?.rs === 'R' ? 'released' : 'gone' })
  return false
}

/** Another program that writes `rs` at the same moment is done with it. */
const MOST_LOOKS = 3

async function withdrawn(deps: SettleDeps, request: RequestRow): Promise<boolean> {
  await withdrawRequest(deps, request)
  return false
}

/** Nothing tells us of what another program does with the message. One that is new is looked at more often. */
async function lookAgainLater({ state, clock }: SettleDeps, requests: readonly RequestRow[]): Promise<void> {
  const now = clock()
  const byTime = Map.groupBy(requests, ({ askedAt, expiresAt }) => {
    const wait = Math.min(MAX_WAIT, Math.max(MIN_WAIT, (now - askedAt) / 10))
    return Math.min(expiresAt, now + Math.ceil(wait / MIN_WAIT) * MIN_WAIT)
  })
  for (const [nextAt, same] of byTime) {
    await state.sql
      .updateTable('digest_request')
      .set({ marked: 1, next_at: nextAt })
      .where(
        'request_id',
        'in',
        same.map(({ id }) => id),
      )
      .where('state', '=', 'waiting')
      .execute()
  }
}

const MIN_WAIT = MINUTE
const MAX_WAIT = 10 * MINUTE
