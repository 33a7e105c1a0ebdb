import type { HeldMailKey } from '../../ground/amavis/held-mail.ts'
import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Database } from '../../ground/database/database.ts'
import { SECOND } from '../../ground/durations.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { findReleases, type ReleaseRow } from '../release/claims.ts'
import { releasedBy } from '../release/released-by.ts'
import type { ListedHeld } from './held-list.ts'
import { heldRefOf } from './held-ref.ts'
import { isUnread, listedState } from './listed-state.ts'

/** Rows that `heldFor` gave a viewer, as lists show them. One statement for some hundred rows. */
export async function listedHeld(
  { state }: { readonly state: Database<StateTables> },
  viewer: Viewer,
  rows: readonly HeldRow[],
): Promise<readonly ListedHeld[]> {
  const releases = await findReleases(state, rows.map(heldIdOf))
  return rows.map(row => listedHeldOf(viewer, row, releases.get(heldIdOf(row))))
}

/** A message for one recipient, as amavis's tables have it. */
type StoredHeld = HeldMailKey &
  Omit<
    ListedHeld,
    'ref' | 'heldId' | 'receivedAt' | 'state' | 'isRead' | 'releasedBy' | keyof HeldMailKey
  > & {
    /** Seconds since the epoch. */
    readonly timeNum: number
    /** `msgrcpt.rs` without blanks. */
    readonly rs: string
  }

/** The same for one of them, whose release is known. */
export function listedHeldOf(viewer: Viewer, row: StoredHeld, release: ReleaseRow | undefined): ListedHeld {
  const { recipient, kind, because, score, sender, from, subject, size } = row
  // A row that another program has marked in a way of its own is in no list.
  const state = listedState(row.rs, release) ?? 'held'
  return {
    ref: heldRefOf(row),
    heldId: heldIdOf(row),
    ...{ recipient, kind, because, score, sender, from, subject, size },
    receivedAt: row.timeNum * SECOND,
    state,
    isRead: !isUnread(row.rs, state),
    // To an admin, nobody who released it is "you".
    releasedBy:
      state === 'released'
        ? releasedBy(release, viewer.as === 'reader' ? viewer.visitor.reader : '')
        : undefined,
  }
}
