import { inParallel } from '../../../ground/concurrency/in-parallel.ts'
import { SECOND } from '../../../ground/durations.ts'
import { CodedError, httpStatusOf } from '../../../ground/errors.ts'
import type { BulkRowTable, BulkTable } from '../../../ground/state/state-tables.ts'
import type { Viewer } from '../../../rules/reach/viewer.ts'
import { findRelease } from '../../release/claims.ts'
import { PUTS_OFF } from '../../release/put-off.ts'
import { deleteHeld } from '../delete-held.ts'
import { type ReleaseHeldDeps, releaseHeld } from '../release-held.ts'
import type { RowEnd } from './bulk.ts'
import {
  type BulkLease,
  endRow,
  findBulk,
  freeBulkIds,
  keepBulk,
  returnBulk,
  takeBulk,
  waitingRows,
} from './bulk-rows.ts'
import { parseViewer } from './viewer-text.ts'

export interface WorkOnBulksDeps extends ReleaseHeldDeps {
  /** Tells this process from all others. */
  readonly owner: string
  /** What an admin, somebody of the help desk or a program may do now; undefined: nothing any more. */
  readonly viewerNow: (viewer: Viewer) => Promise<Viewer | undefined>
  /** Milliseconds after which a process that has not been heard of counts as dead. */
  readonly lease: number
  /** How many messages of a list are released or deleted at once: no more than amavisd may be asked for. */
  readonly releasesAtOnce: number
}

/**
 * Works for a while on what people have begun to release or delete, on several lists in turn, so that a long one holds
 * up nobody. A process that dies is replaced by another one once its lease has run out. A message that it had in hand
 * is done again: because of its claim, it is released once all the same. Who has lost the right to it since they began
 * gets no more done.
 *
 * @returns whether there is more to do
 */
export async function workOnBulks(deps: WorkOnBulksDeps, signal: AbortSignal): Promise<boolean> {
  const ids = await freeBulkIds(deps.state, deps.clock(), LISTS_AT_ONCE)
  const slices = await Promise.allSettled(ids.map(id => workOnBulk(deps, id, signal)))
  for (const slice of slices) if (slice.status === 'rejected') throw slice.reason
  return slices.some(slice => slice.status === 'fulfilled' && slice.value)
}

const LISTS_AT_ONCE = 8

/** @returns whether there is more to do */
async function workOnBulk(deps: WorkOnBulksDeps, id: string, signal: AbortSignal): Promise<boolean> {
  const { state, owner, lease, clock } = deps
  const leased = (): BulkLease => ({ id, owner, until: clock() + lease })
  if (!(await takeBulk(state, leased(), clock()))) return false
  const bulk = await findBulk(state, id)
  const began = bulk && parseViewer(bulk.viewer)
  const rows = await waitingRows(state, id)
  let left = rows.length
  try {
    if (bulk && began) {
      const viewer = await deps.viewerNow(began)
      const keep = () => keepBulk(state, leased())
      left = await workOnRows({ ...deps, stop: signal }, { bulk, viewer, rows, keep }, signal)
    }
  } finally {
    // Another version may know more of viewers than this one, and goes on.
    await returnBulk(state, { id, owner }, left === 0 ? clock() : null)
  }
  return began !== undefined && left > 0
}

interface Slice {
  readonly bulk: BulkTable
  /** As of now; undefined: they may do nothing any more. */
  readonly viewer: Viewer | undefined
  readonly rows: readonly BulkRowTable[]
  /** Shows that this process is still at it. False: another one has taken over. */
  readonly keep: () => Promise<boolean>
}

/** How long a list is worked on before others have their turn, in milliseconds. */
const SLICE = 5 * SECOND

/** @returns how many rows are left */
async function workOnRows(
  deps: WorkOnBulksDeps,
  { bulk, viewer, rows, keep }: Slice,
  signal: AbortSignal,
): Promise<number> {
  const until = performance.now() + SLICE
  const queue = rows[Symbol.iterator]()
  const over = { done: true, value: undefined } as const
  const next = async () => (performance.now() < until && (await keep()) ? queue.next() : over)
  let left = rows.length
  let transport = deps.transport
  const work = async (row: BulkRowTable) => {
    const end = viewer
      ? ((await inHand(deps, bulk, row)) ?? (await actOn({ ...deps, transport }, bulk, viewer, row)))
      : RIGHTLESS
    // The others do not wait for it one by one: they are queued, and asked for again soon.
    if (end.code === 'AMAVISD_UNREACHABLE') transport = PUTS_OFF
    await endRow(deps.state, row, end)
    left -= 1
  }
  await inParallel({ next }, deps.releasesAtOnce, work, signal)
  return left
}

const RIGHTLESS: RowEnd = { status: 'failed', code: 'OUT_OF_REACH' }

/**
 * What to note of a message for which amavisd is being asked, or was by a process that died: the others do not wait for
 * the answer. Who looks at the list sees it once it is there.
 */
async function inHand(
  { state, clock }: WorkOnBulksDeps,
  { act }: BulkTable,
  { held_id }: BulkRowTable,
): Promise<RowEnd | undefined> {
  const release = held_id === null ? undefined : await findRelease(state, held_id)
  if (release?.state !== 'releasing' || release.leaseUntil <= clock()) return undefined
  return act === 'delete'
    ? { status: 'being-released', code: null }
    : { status: 'queued', code: 'AMAVISD_DEFERRED' }
}

/** @throws what may pass, such as a database that is away: the row is done later */
async function actOn(
  deps: WorkOnBulksDeps,
  { act, confirmed }: BulkTable,
  viewer: Viewer,
  { ref }: BulkRowTable,
): Promise<RowEnd> {
  try {
    if (act === 'delete') return { status: (await deleteHeld(deps, viewer, ref)).status, code: null }
    const request = { confirmed: confirmed === 1, again: false, pressed: true, amongSeveral: true }
    const { status, code } = await releaseHeld(deps, viewer, ref, request)
    return { status, code }
  } catch (error) {
    if (!(error instanceof CodedError)) {
      deps.log.error({ err: error, ref, act }, 'one of several messages could not be worked on')
      return { status: 'failed', code: 'INTERNAL' }
    }
    if (httpStatusOf(error.code) === 503) throw error
    return { status: error.code === 'CONFIRMATION_REQUIRED' ? 'left-out' : 'failed', code: error.code }
  }
}
