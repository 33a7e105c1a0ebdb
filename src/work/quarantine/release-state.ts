import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import { type HeldRef, heldRefOf } from '../collect/held-ref.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { DROPPED, findReleases, neverAsked, type ReleaseRow } from '../release/claims.ts'
import { type HeldForDeps, heldFor } from './held-for.ts'

export interface ReleaseStateDeps extends HeldForDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** What has become of the release of a held message. */
export interface LiveState {
  readonly is: 'held' | 'queued' | 'releasing' | 'released' | 'failed' | 'uncertain' | 'deleted'
  /** The next MTA's answer. For a reader only its codes, such as `250 2.0.0`, because the rest names hosts. */
  readonly reply: string | undefined
}

/**
 * What has become of the release of a message, for a page that asks every few seconds: a statement by the primary key in
 * either database, and the directory's remembered answer.
 *
 * @returns by the reference of each recipient that the viewer may see
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH
 */
export async function releaseStates(
  deps: ReleaseStateDeps,
  viewer: Viewer,
  ref: HeldRef,
): Promise<ReadonlyMap<HeldRef, LiveState>> {
  const rows = await heldFor(deps, viewer, ref)
  // One after the other: where amavis's row says that we released it, our row is there.
  const releases = await findReleases(deps.state, rows.map(heldIdOf))
  const now = deps.clock()
  return new Map(
    rows.map(row => {
      const release = releases.get(heldIdOf(row))
      const reply = release?.reply ?? undefined
      return [
        heldRefOf(row),
        { is: stateOf(row, release, now), reply: viewer.as === 'admin' ? reply : codesOf(reply) },
      ] as const
    }),
  )
}

/** The codes with which a reply begins (RFC 5321, section 4.2; RFC 3463). */
const codesOf = (reply = ''): string | undefined =>
  /^[245]\d\d(?: \d\.\d{1,3}\.\d{1,3})?(?= |$)/.exec(reply)?.[0]

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
