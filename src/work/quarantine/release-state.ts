import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { DROPPED, findRelease, findReleases, neverAsked, type ReleaseRow } from '../release/claims.ts'
import { type HeldForDeps, heldFor, oneHeldFor } from './held-for.ts'
import { type HeldRef, heldRefOf } from './held-ref.ts'

export interface ReleaseStateDeps extends HeldForDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** What has become of the release of a held message. */
export interface LiveState {
  readonly is: 'held' | 'queued' | 'releasing' | 'released' | 'failed' | 'uncertain' | 'deleted'
  /** The next MTA's answer, for admins. */
  readonly reply: string | undefined
}

/**
 * What has become of a release, for a page that asks every few seconds: a row by its primary key from either database,
 * and the directory's remembered answer.
 *
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH
 */
export async function releaseStateOf(
  deps: ReleaseStateDeps,
  viewer: Viewer,
  ref: HeldRef,
): Promise<LiveState> {
  const row = await oneHeldFor(deps, viewer, ref)
  // One after the other: where amavis's row says that we released it, our row is there.
  const release = await findRelease(deps.state, heldIdOf(row))
  return liveState(deps, viewer, row, release)
}

/**
 * The same for each recipient of a message whom the viewer may see, in two statements however many they are.
 *
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH
 */
export async function releaseStatesOf(
  deps: ReleaseStateDeps,
  viewer: Viewer,
  ref: HeldRef,
): Promise<ReadonlyMap<HeldRef, LiveState>> {
  const rows = await heldFor(deps, viewer, ref)
  const releases = await findReleases(deps.state, rows.map(heldIdOf))
  return new Map(
    rows.map(row => [heldRefOf(row), liveState(deps, viewer, row, releases.get(heldIdOf(row)))]),
  )
}

const liveState = (
  { clock }: ReleaseStateDeps,
  viewer: Viewer,
  row: HeldRow,
  release: ReleaseRow | undefined,
): LiveState => ({
  is: stateOf(row, release, clock()),
  reply: viewer.as === 'admin' ? (release?.reply ?? undefined) : undefined,
})

function stateOf({ rs }: HeldRow, release: ReleaseRow | undefined, now: number): LiveState['is'] {
  if (rs === 'R') return 'released'
  switch (release?.state) {
    case 'released':
    case 'queued':
      return release.state
    case 'releasing':
      if (release.leaseUntil > now) return 'releasing'
      return neverAsked(release) ? 'queued' : 'uncertain'
    case 'failed':
    case 'uncertain':
      if (rs === 'D') return 'deleted'
      // What was dropped or withdrawn counts as never asked for.
      return release.code === DROPPED.code ? 'held' : release.state
    case undefined:
      return rs === 'D' ? 'deleted' : 'held'
  }
}
