import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { findReleases, type ReleaseRow } from '../release/claims.ts'
import { releasedBy } from '../release/released-by.ts'
import type { ListedHeld, ListedState } from './held-list.ts'
import { heldRefOf } from './held-ref.ts'

/** Rows that `heldFor` gave a viewer, as lists show them. One statement for some hundred rows. */
export async function listedHeld(
  { state }: { readonly state: Database<StateTables> },
  viewer: Viewer,
  rows: readonly HeldRow[],
): Promise<readonly ListedHeld[]> {
  const releases = await findReleases(state, rows.map(heldIdOf))
  return rows.map(row => listed(viewer, row, releases.get(heldIdOf(row))))
}

function listed(viewer: Viewer, row: HeldRow, release: ReleaseRow | undefined): ListedHeld {
  const { recipient, kind, because, score, sender, from, subject, size, receivedAt, rs } = row
  const isReleased = release?.state === 'released'
  return {
    ref: heldRefOf(row),
    heldId: heldIdOf(row),
    ...{ recipient, kind, because, score, sender, from, subject, size, receivedAt },
    // Another program may have deleted it since; we never do.
    state: isReleased && rs !== 'D' ? 'released' : stateOf(rs),
    isRead: rs !== '' || release !== undefined,
    // To an admin, nobody who released it is "you".
    releasedBy: releasedBy(release, viewer.as === 'reader' ? viewer.visitor.reader : ''),
  }
}

function stateOf(rs: string): ListedState {
  switch (rs) {
    case 'R':
      return 'released'
    case 'D':
      return 'deleted'
    case 'p':
      return 'requested'
    default:
      return 'held'
  }
}
