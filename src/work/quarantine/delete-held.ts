import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import { changeStatus, type RecipientStatus } from '../../ground/amavis/quarantine/recipient-status.ts'
import { recordAudit } from '../../ground/audit/record.ts'
import { CodedError } from '../../ground/errors.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import type { HeldRef } from '../collect/held-ref.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { type AfterChange, tellOfChange } from '../release/after-change.ts'
import type { AskDeps } from '../release/ask.ts'
import { dropQueued, findRelease, forgiveGone, type ReleaseRow, WITHDRAWN } from '../release/claims.ts'
import { settleOrphan } from '../release/settle-orphan.ts'
import { whenSettled } from '../release/settled.ts'
import {
  type Deletion,
  deleterOf,
  findDeletion,
  forgetDeletion,
  mayTakeBack,
  rememberDeletion,
} from './deletions.ts'
import { type HeldForDeps, oneHeldFor } from './held-for.ts'

export type DeleteHeldDeps = HeldForDeps & AfterChange & Pick<AskDeps, 'state' | 'clock' | 'log' | 'stop'>

/** What became of a wish to delete a message, or to restore it. */
export interface DeletionOutcome {
  readonly status:
    | 'deleted'
    | 'restored'
    | 'already-released'
    /** Somebody else has asked for it, or amavisd is being asked: it is not deleted, and will be released. */
    | 'being-released'
}

/**
 * Deletes a message for one recipient: `msgrcpt.rs` becomes D, until the purge takes it or it is restored. Released
 * mail is never marked. A release that this viewer, or for an admin anybody, has asked for and that is still queued is
 * withdrawn; somebody else's is not.
 *
 * When a message is released and deleted at once, one of both happens. This remembers the deletion, writes `rs`, and then
 * looks at the claim of a release. A release writes its claim and then looks whether a deletion is remembered, and if so
 * at `rs`. If it has seen the D, it fails. If it has not, amavisd releases the message, and R is written over the D.
 *
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH
 */
export async function deleteHeld(
  deps: DeleteHeldDeps,
  viewer: Viewer,
  ref: HeldRef,
): Promise<DeletionOutcome> {
  const row = await oneHeldFor(deps, viewer, ref, 'release')
  const status = await tryToDelete(deps, viewer, row)
  // Another program, or another tab, has just changed it: it is looked at once more.
  const ended = status ?? (await tryToDelete(deps, viewer, await oneHeldFor(deps, viewer, ref, 'release')))
  const outcome = ended ?? 'being-released'
  await audit(deps, viewer, 'delete', row, outcome === 'already-released' ? 'released' : outcome)
  if (outcome === 'deleted') await tellOfChange(deps, heldIdOf(row))
  return { status: outcome }
}

/**
 * Takes a deletion back: the message is again what it was before. Readers take back what no admin of ours has deleted;
 * an admin takes back any deletion.
 *
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH; POLICY_REFUSED for a reader when an admin or a program has deleted it
 */
export async function restoreHeld(
  deps: DeleteHeldDeps,
  viewer: Viewer,
  ref: HeldRef,
): Promise<DeletionOutcome> {
  const row = await oneHeldFor(deps, viewer, ref, 'release')
  if (row.rs === 'R') return { status: 'already-released' }
  if (row.rs !== 'D') return { status: 'restored' }
  const heldId = heldIdOf(row)
  const deletion = await findDeletion(deps.state, heldId)
  if (!mayTakeBack(viewer, deletion))
    throw new CodedError('POLICY_REFUSED', 'An admin has deleted this message. Ask an admin to restore it.')
  await changeStatus(deps.storage, row, 'D', formerOf(deletion))
  await forgetDeletion(deps.state, heldId)
  await forgiveGone(deps.state, heldId)
  await audit(deps, viewer, 'restore', row, 'restored')
  await tellOfChange(deps, heldId)
  return { status: 'restored' }
}

/** Mailzu's small letter comes back as the capital one, which means the same. */
function formerOf(deletion: Deletion | undefined): RecipientStatus {
  const former = deletion?.former ?? ''
  return former === 'p' || former === '' ? former : 'V'
}

/** @returns undefined when `rs` has changed since it was read */
async function tryToDelete(
  deps: DeleteHeldDeps,
  viewer: Viewer,
  row: HeldRow,
): Promise<DeletionOutcome['status'] | undefined> {
  if (row.rs === 'R') return 'already-released'
  if (row.rs === 'D') return 'deleted'
  const heldId = heldIdOf(row)
  const standing = await freeOfRelease(deps, viewer, heldId)
  if (standing !== 'free') return standing
  await rememberDeletion(deps.state, { heldId, former: row.rs, by: deleterOf(viewer) }, deps.clock())
  if (!(await changeStatus(deps.storage, row, row.rs, 'D'))) return undefined
  const release = await settledRelease(deps, heldId)
  if (release?.state === 'releasing') return 'being-released'
  if (release?.state !== 'released') return 'deleted'
  await forgetDeletion(deps.state, heldId)
  return 'already-released'
}

/** Withdraws a queued release that this viewer may withdraw. */
async function freeOfRelease(
  deps: DeleteHeldDeps,
  viewer: Viewer,
  heldId: string,
): Promise<'free' | 'already-released' | 'being-released'> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const release = await settledRelease(deps, heldId)
    if (release?.state === 'released') return 'already-released'
    if (release?.state !== 'queued' && release?.state !== 'releasing') return 'free'
    if (release.state === 'releasing' || !mayWithdraw(viewer, release)) return 'being-released'
    if (await dropQueued(deps.state, release, deps.clock(), WITHDRAWN)) return 'free'
  }
  return 'being-released'
}

/** A queued release is due every few seconds at most, so that it is hardly ever taken twice. */
const MOST_LOOKS = 3

const mayWithdraw = (viewer: Viewer, { askedBy }: ReleaseRow): boolean =>
  viewer.as === 'admin' || askedBy === viewer.visitor.reader || askedBy === viewer.actor.name

/** Waits until no process is asking amavisd for the message, and ends the claim of a dead one. */
async function settledRelease(deps: DeleteHeldDeps, heldId: string): Promise<ReleaseRow | undefined> {
  const look = () => findRelease(deps.state, heldId)
  const row = await whenSettled(look, deps.clock, { stop: deps.stop })
  if (row?.state !== 'releasing' || row.leaseUntil > deps.clock()) return row
  await settleOrphan(deps, row)
  return look()
}

const audit = (
  { state, clock }: DeleteHeldDeps,
  viewer: Viewer,
  action: 'delete' | 'restore',
  row: HeldRow,
  outcome: string,
): Promise<void> => {
  const reader = viewer.as === 'reader' ? { reader: viewer.visitor.reader } : {}
  const entry = { actor: viewer.actor, action, itemId: heldIdOf(row), recipient: row.recipient, ...reader }
  return recordAudit(state, { ...entry, outcome }, clock())
}
