import { sql } from 'kysely'
import { type HeldRow, heldRowsOfMessages } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Database } from '../../ground/database/database.ts'
import { MAX_COUNT } from '../../ground/metrics/state-figures.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type AdminViewer, requireInQuarantine } from '../../rules/reach/viewer.ts'
import { heldIdOf } from '../../work/collect/item-id.ts'
import type { HeldForDeps } from '../../work/quarantine/held-for.ts'
import type { ListedHeld } from '../../work/quarantine/held-list.ts'
import { listedHeld } from '../../work/quarantine/listed-held.ts'
import type { ReleaseRequested, RequestState } from '../../work/requests/request.ts'
import { requestInReach } from '../../work/requests/request-in-reach.ts'
import { type RequestRow, withReaders } from '../../work/requests/request-rows.ts'
import { requestsInReach, waitingInReach } from '../../work/requests/waiting-requests.ts'
import { countOf } from '../../work/stuck/count.ts'
import {
  boundedLimit,
  isAfterPosition,
  type ListPosition,
  pageByTime,
  positionOf,
} from '../admin/listing/paging.ts'

export interface ListRequestsDeps extends Pick<HeldForDeps, 'storage'> {
  readonly state: Database<StateTables>
}

export interface RequestListRequest {
  /** Undefined: all states. */
  readonly state?: RequestState | undefined
  readonly limit: number
  /** A cursor that a page gave as `next`. */
  readonly after?: string | undefined
}

/** A request, with what amavis says about its message now; undefined: the quarantine no longer has it. */
export interface RequestWithMail {
  readonly request: ReleaseRequested
  readonly mail: ListedHeld | undefined
}

export interface RequestList {
  readonly requests: readonly RequestWithMail[]
  readonly next: string | undefined
}

/** One page of what readers have asked for, within the admin's domains. */
export async function listRequests(
  deps: ListRequestsDeps,
  viewer: AdminViewer,
  { state, limit, after }: RequestListRequest,
): Promise<RequestList> {
  requireInQuarantine(viewer, 'decide')
  const position = positionOf(after)
  const most = boundedLimit(limit)
  // Who has waited longest comes first; of the others, the latest.
  const order = state === 'waiting' ? 'asc' : 'desc'
  const rows = await requestsInReach(deps.state, viewer.reach)
    .selectAll()
    .$if(state !== undefined, query => query.where('state', '=', state ?? ''))
    .where(({ ref }) =>
      order === 'asc' ? isBeyond(position) : isAfterPosition(position, ref('asked_at'), ref('request_id')),
    )
    .orderBy('asked_at', order)
    .orderBy('request_id', order)
    .limit(most + 1)
    .execute()
  const page = pageByTime(rows, most, row => ({ at: Number(row.asked_at), id: row.request_id }))
  return {
    requests: await withMails(deps, viewer, await withReaders(deps.state, page.rows)),
    next: page.next,
  }
}

/** True for a row that follows a position in a list that starts with the oldest row. */
const isBeyond = (position: ListPosition | undefined) =>
  position === undefined
    ? sql<boolean>`1 = 1`
    : sql<boolean>`(asked_at >= ${position.at} and (asked_at > ${position.at} or request_id > ${position.id}))`

/** @throws CodedError REQUEST_UNKNOWN, OUT_OF_REACH */
export async function findRequestInReach(
  deps: ListRequestsDeps,
  viewer: AdminViewer,
  id: string,
): Promise<RequestWithMail> {
  const request = await requestInReach(deps.state, viewer, id)
  const [found = { request, mail: undefined }] = await withMails(deps, viewer, [request])
  return found
}

/** How many wait within the admin's domains; at most `MAX_COUNT`. */
export async function countWaiting({ state }: ListRequestsDeps, viewer: AdminViewer): Promise<number> {
  requireInQuarantine(viewer, 'decide')
  return countOf(state, waitingInReach(state, viewer.reach).select('state').limit(MAX_COUNT))
}

/** One statement for the mails of all requests. */
async function withMails(
  deps: ListRequestsDeps,
  viewer: AdminViewer,
  requests: readonly RequestRow[],
): Promise<RequestWithMail[]> {
  const wanted = new Set(requests.map(({ heldId }) => heldId))
  const ids = requests.map(({ mail }) => mail.mailId)
  const rows = (await heldRowsOfMessages(deps.storage, ids)).filter(row => wanted.has(heldIdOf(row)))
  const mails = await mailsOf(deps, viewer, rows)
  return requests.map(request => ({ request, mail: mails.get(request.heldId) }))
}

async function mailsOf(deps: ListRequestsDeps, viewer: AdminViewer, rows: readonly HeldRow[]) {
  const listed = await listedHeld(deps, viewer, rows)
  return new Map(listed.map(mail => [mail.heldId, mail]))
}
