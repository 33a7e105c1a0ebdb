import type { HeldMailKey } from '../../ground/amavis/held-mail.ts'
import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Database } from '../../ground/database/database.ts'
import { SECOND } from '../../ground/durations.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import { heldRefOf } from '../collect/held-ref.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { findReleases, type ReleaseRow } from '../release/claims.ts'
import { releasedByFor } from '../release/released-by.ts'
import { type Deletion, deletionsOf, mayTakeBack } from './deletions.ts'
import type { ListedHeld, ListedRequest } from './held-list.ts'
import { listedRequests } from './listed-requests.ts'
import { isUnread, listedState } from './listed-state.ts'

/** Rows that `heldFor` gave a viewer, as lists show them. One statement for some hundred rows. */
export async function listedHeld(
  { state }: { readonly state: Database<StateTables> },
  viewer: Viewer,
  rows: readonly HeldRow[],
): Promise<readonly ListedHeld[]> {
  const releases = await findReleases(state, rows.map(heldIdOf))
  const deletions = await deletionsOf(state, viewer, rows.filter(isDeleted).map(heldIdOf))
  const requests = await listedRequests(state, viewer, rows)
  return rows.map(row => listedHeldOf(viewer, row, { releases, deletions, requests }))
}

/** What our own tables say of messages, by `heldId`. */
export interface Known {
  readonly releases: ReadonlyMap<string, ReleaseRow>
  /** Of `deletionsOf`. */
  readonly deletions: ReadonlyMap<string, Deletion>
  readonly requests: ReadonlyMap<string, ListedRequest>
}

/** Whether amavis's table says that it is marked for deletion. @param row whose `rs` is without blanks */
export const isDeleted = ({ rs }: { readonly rs: string }): boolean => rs === 'D'

/** A message for one recipient, as amavis's tables have it. */
type StoredHeld = HeldMailKey &
  Omit<
    ListedHeld,
    | 'ref'
    | 'heldId'
    | 'receivedAt'
    | 'state'
    | 'isRead'
    | 'mayRestore'
    | 'releasedBy'
    | 'request'
    | keyof HeldMailKey
  > & {
    /** Seconds since the epoch. */
    readonly timeNum: number
    /** `msgrcpt.rs` without blanks. */
    readonly rs: string
  }

/** The same for one of them. */
export function listedHeldOf(
  viewer: Viewer,
  row: StoredHeld,
  { releases, deletions, requests }: Known,
): ListedHeld {
  const heldId = heldIdOf(row)
  const release = releases.get(heldId)
  const { recipient, kind, because, score, sender, from, subject, size } = row
  // A row that another program has marked in a way of its own is in no list.
  const state = listedState(row.rs, release) ?? 'held'
  return {
    ref: heldRefOf(row),
    heldId,
    ...{ recipient, kind, because, score, sender, from, subject, size },
    receivedAt: row.timeNum * SECOND,
    state,
    isRead: !isUnread(row.rs, state),
    mayRestore: state === 'deleted' && mayTakeBack(viewer, deletions.get(heldId)),
    releasedBy: state === 'released' ? releasedByFor(viewer, release) : undefined,
    request: requests.get(heldId),
  }
}
