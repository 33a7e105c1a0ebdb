import { randomBytes } from 'node:crypto'
import type { HeldRow } from '../../../ground/amavis/quarantine/held-rows.ts'
import { inParallel } from '../../../ground/concurrency/in-parallel.ts'
import { SECOND } from '../../../ground/durations.ts'
import { CodedError, type ErrorCode } from '../../../ground/errors.ts'
import type { BulkRowTable } from '../../../ground/state/state-tables.ts'
import { requireInQuarantine, type Viewer } from '../../../rules/reach/viewer.ts'
import { type ButtonDeps, needsButton, refuseWithoutButton } from '../../clicks/press-button.ts'
import { type HeldRef, heldRefOf } from '../../collect/held-ref.ts'
import { heldIdOf } from '../../collect/item-id.ts'
import { type HeldForDeps, heldFor } from '../held-for.ts'
import type { HeldList, HeldListRequest, ListedHeld } from '../held-list.ts'
import { type BulkRequest, MOST_IN_BULK } from './bulk.ts'
import { insertBulk, openBulksOf } from './bulk-rows.ts'
import { ownerOf, viewerText } from './viewer-text.ts'

export interface BeginBulkDeps extends HeldForDeps, ButtonDeps {
  /** One page of what a viewer's search finds. */
  readonly listHeld: (viewer: Viewer, request: HeldListRequest) => Promise<HeldList>
}

/**
 * Begins to release or delete several messages. What they are is looked up and stored now, each for one recipient: what
 * arrives later is not touched, and what is more than `MOST_IN_BULK` is left for another time. A process of the service does the rest (`workOnBulks`).
 *
 * @returns the id under which who began it sees the progress
 * @throws CodedError REQUEST_INVALID (nothing), TOO_MANY_REQUESTS, OUT_OF_REACH,
 * CONFIRMATION_REQUIRED (a machine may have asked)
 */
export async function beginBulk(deps: BeginBulkDeps, viewer: Viewer, request: BulkRequest): Promise<string> {
  requireInQuarantine(viewer, 'release')
  if (!request.pressed) await requireButtonNotNeeded(deps, viewer, request)
  const now = deps.clock()
  const owner = ownerOf(viewer)
  if ((await openBulksOf(deps.state, owner, now)) >= MOST_OPEN) throw tooMany()
  const { rows, isCut } =
    'refs' in request.of
      ? await tickedRows(deps, viewer, request.of.refs)
      : await foundRows(deps, viewer, request.of)
  const all = [...new Map(rows.map(row => [row.ref, row])).values()]
  const unique = all.slice(0, MOST_IN_BULK)
  if (unique.length === 0) throw new CodedError('REQUEST_INVALID', 'No message was chosen.')
  const id = randomBytes(18).toString('base64url')
  const bulk = {
    bulk_id: id,
    act: request.act,
    owner,
    viewer: viewerText(limitedTo(viewer, unique)),
    confirmed: request.confirmed ? 1 : 0,
    is_cut: isCut || all.length > unique.length ? 1 : 0,
    created_at: now,
    finished_at: null,
    lease_owner: null,
    lease_until: null,
  }
  await insertBulk(
    deps.state,
    bulk,
    unique.map((row, position) => ({ ...row, bulk_id: id, position })),
  )
  return id
}

/** Any machine that was ever seen counts, because the messages may be of any age. */
async function requireButtonNotNeeded(
  deps: BeginBulkDeps,
  viewer: Viewer,
  { act }: BulkRequest,
): Promise<void> {
  if (viewer.as === 'admin' || !(await needsButton(deps, viewer.visitor, viewer.visitor.reader, 0))) return
  await refuseWithoutButton(deps, { actor: viewer.actor, action: act, recipient: viewer.visitor.reader })
}

/** For one owner, at once. */
const MOST_OPEN = 5

const tooMany = () =>
  new CodedError('TOO_MANY_REQUESTS', `${MOST_OPEN} such lists are still worked on. Wait until one is done.`)

type Row = Omit<BulkRowTable, 'bulk_id' | 'position'>

interface Rows {
  readonly rows: readonly Row[]
  readonly isCut: boolean
}

/** A message that the viewer may not see is listed as unknown, whether it is there or not. */
async function tickedRows(deps: BeginBulkDeps, viewer: Viewer, refs: readonly HeldRef[]): Promise<Rows> {
  const rows = new Map<HeldRef, readonly Row[]>()
  const looked = refs.slice(0, MOST_IN_BULK)
  const pieces = looked[Symbol.iterator]()
  const looks = { next: async () => pieces.next() }
  const look = async (ref: HeldRef) => {
    rows.set(ref, await rowsOf(deps, viewer, ref))
  }
  await inParallel(looks, LOOKS_AT_ONCE, look, new AbortController().signal)
  return { rows: looked.flatMap(ref => rows.get(ref) ?? []), isCut: refs.length > looked.length }
}

const LOOKS_AT_ONCE = 8

const rowsOf = (deps: BeginBulkDeps, viewer: Viewer, ref: HeldRef): Promise<readonly Row[]> =>
  heldFor(deps, viewer, ref, 'release').then(
    held => held.map(rowOf),
    (error: unknown) => {
      if (!(error instanceof CodedError) || error.code !== 'HELD_UNKNOWN') throw error
      return [unknownRow(ref)]
    },
  )

const rowOf = (row: HeldRow): Row => waitingRow(heldRefOf(row), heldIdOf(row), row)

const unknownRow = (ref: HeldRef): Row => ({
  ref: ref.slice(0, LONGEST).replaceAll('\0', ''),
  held_id: null,
  recipient: '',
  subject: '',
  status: 'failed',
  code: 'HELD_UNKNOWN' satisfies ErrorCode,
})

const waitingRow = (
  ref: HeldRef,
  heldId: string,
  { recipient, subject }: { readonly recipient: string; readonly subject: string },
): Row => ({
  ref,
  held_id: heldId,
  // PostgreSQL refuses NUL, and our columns are no longer than this.
  recipient: recipient.slice(0, LONGEST).replaceAll('\0', ''),
  subject: subject.slice(0, LONGEST).replaceAll('\0', ''),
  status: 'waiting',
  code: null,
})

const LONGEST = 320

/** What a search finds now, page by page, as far as it was received before `at`. */
async function foundRows(
  deps: BeginBulkDeps,
  viewer: Viewer,
  { search: request, at }: { readonly search: HeldListRequest; readonly at: number },
): Promise<Rows> {
  const before = Math.min(request.search.before ?? at, at)
  const search = { ...request.search, before }
  const until = performance.now() + PATIENCE
  const rows: Row[] = []
  let after: string | undefined
  let isCut = false
  do {
    const page = await deps.listHeld(viewer, { ...request, search, limit: PAGE, after })
    rows.push(...page.messages.flatMap(({ recipients }) => recipients.map(listedRow)))
    isCut ||= page.messages.some(({ hasMore }) => hasMore)
    after = page.next
  } while (after !== undefined && rows.length < MOST_IN_BULK && performance.now() < until)
  return { rows, isCut: isCut || after !== undefined }
}

const listedRow = (held: ListedHeld): Row => waitingRow(held.ref, held.heldId, held)

/** Messages of a page of the list. */
const PAGE = 100

/** For how long a search may take, in milliseconds: somebody waits for the answer. */
const PATIENCE = 10 * SECOND

/** A link may name more messages than our column can hold. The chosen ones are enough. */
function limitedTo(viewer: Viewer, rows: readonly Row[]): Viewer {
  if (viewer.as === 'admin' || !viewer.only) return viewer
  return { ...viewer, only: new Set(rows.flatMap(row => row.held_id ?? [])) }
}
