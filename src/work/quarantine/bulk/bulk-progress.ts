import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { CodedError, type ErrorCode } from '../../../ground/errors.ts'
import type { BulkRowTable, StateTables } from '../../../ground/state/state-tables.ts'
import { requireInQuarantine, type Viewer } from '../../../rules/reach/viewer.ts'
import { findReleases, type ReleaseRow } from '../../release/claims.ts'
import type { BulkOutcome, BulkProgress, BulkStatus } from './bulk.ts'
import { findBulk, rowsOfBulk } from './bulk-rows.ts'
import { ownerOf } from './viewer-text.ts'

export interface BulkProgressDeps {
  readonly state: Database<StateTables>
}

/**
 * How far the work on several messages is, and what became of each so far. Only who began it sees it.
 *
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH
 */
export async function bulkProgress(
  { state }: BulkProgressDeps,
  viewer: Viewer,
  id: string,
): Promise<BulkProgress> {
  requireInQuarantine(viewer, 'release')
  const bulk = await findBulk(state, id)
  if (bulk?.owner !== ownerOf(viewer)) throw unknown()
  const rows = await rowsOfBulk(state, id)
  const releases = await releasesOf(state, rows)
  const done = rows.filter(({ status }) => status !== 'waiting').length
  return {
    act: bulk.act,
    total: rows.length,
    done,
    isOver: done === rows.length,
    isCut: bulk.is_cut === 1,
    begunAt: Number(bulk.created_at),
    outcomes: rows.map(row => outcomeOf(row, releases.get(row.held_id ?? ''))),
  }
}

const unknown = () =>
  new CodedError(
    'HELD_UNKNOWN',
    'There is no such list of messages. It may be some days old: look at the list.',
  )

/** The releases of queued rows: amavisd may have answered since. */
async function releasesOf(
  state: Database<StateTables>,
  rows: readonly BulkRowTable[],
): Promise<Map<string, ReleaseRow>> {
  const queued = rows.flatMap(row => (row.status === 'queued' ? (row.held_id ?? []) : []))
  const found = new Map<string, ReleaseRow>()
  for (const chunk of chunks(queued))
    for (const entry of await findReleases(state, chunk)) found.set(...entry)
  return found
}

function outcomeOf(row: BulkRowTable, release: ReleaseRow | undefined): BulkOutcome {
  const { ref, recipient, subject } = row
  return { ref, recipient, subject, ...endOf(row, release) }
}

function endOf(
  { status, code }: BulkRowTable,
  release: ReleaseRow | undefined,
): Pick<BulkOutcome, 'status' | 'code'> {
  switch (release?.state) {
    case 'released':
      return { status: 'released', code: null }
    case 'failed':
    case 'uncertain':
      return { status: 'failed', code: codeOf(release.code) ?? 'AMAVISD_REFUSED' }
    case 'queued':
    case 'releasing':
    case undefined:
      // We wrote both ourselves.
      return { status: status as BulkStatus, code: codeOf(code) }
  }
}

const codeOf = (code: string | null): ErrorCode | null => code as ErrorCode | null
