import type { UpdateResult } from 'kysely'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import type { ReleaseTable, StateTables } from '../../ground/state/state-tables.ts'
import type { ReleaseResult, ReleaseState } from '../../ground/state/states.ts'

/**
 * The row of the release of a held message for one recipient, whoever of its readers asks: the process that may ask
 * amavisd now, or the outcome.
 */
export interface ReleaseRow {
  /** `heldId` of the items of all readers. */
  readonly heldId: string
  /** The item by which it was asked for last. That may no longer be kept: see `findItemsOfReleases`. */
  readonly askedItem: string
  readonly state: ReleaseState
  readonly claimId: string
  /** The reader who asked, or for whom an admin asked. amavisd writes the address into the mail. */
  readonly requestedBy: string
  /** The reader, or the name of the admin who asked. */
  readonly askedBy: string
  readonly requestedAt: number
  readonly leaseUntil: number
  readonly attempts: number
  readonly nextAttemptAt: number | null
  readonly finishedAt: number | null
  readonly code: string | null
  readonly reply: string | null
}

export async function findRelease(
  state: Database<StateTables>,
  heldId: string,
): Promise<ReleaseRow | undefined> {
  const row = await state.sql
    .selectFrom('digest_release')
    .selectAll()
    .where('item_id', '=', heldId)
    .executeTakeFirst()
  return row && releaseOf(row)
}

/** The releases of several held messages, by `heldId`. */
export async function findReleases(
  state: Database<StateTables>,
  heldIds: readonly string[],
): Promise<Map<string, ReleaseRow>> {
  if (heldIds.length === 0) return new Map()
  const rows = await state.sql
    .selectFrom('digest_release')
    .selectAll()
    .where('item_id', 'in', heldIds)
    .execute()
  return new Map(rows.map(row => [row.item_id, releaseOf(row)]))
}

/**
 * Makes the first claim on a held message. Only one of several simultaneous callers wins, whichever item they ask by.
 * @returns the caller's own claim; undefined when somebody else has one
 */
export async function claimFirst(
  state: Database<StateTables>,
  claim: AskedBy & {
    readonly heldId: string
    readonly claimId: string
    readonly leaseUntil: number
    readonly now: number
  },
): Promise<ReleaseRow | undefined> {
  const row: ReleaseTable = {
    item_id: claim.heldId,
    ...askedColumns(claim.heldId, claim),
    state: 'releasing',
    claim_id: claim.claimId,
    requested_at: claim.now,
    lease_until: claim.leaseUntil,
    attempts: 1,
    next_attempt_at: null,
    finished_at: null,
    code: NOT_ASKED,
    reply: null,
  }
  const isMine = await state.dialect.insertIfNew(state.sql.insertInto('digest_release').values(row))
  return isMine ? releaseOf(row) : undefined
}

/** By whom, for whom and by which item a release is asked for. */
export interface AskedBy {
  readonly itemId: string
  readonly requestedBy: string
  readonly askedBy: string
}

const askedColumns = (heldId: string, { itemId, requestedBy, askedBy }: AskedBy) => ({
  asked_item: itemId === heldId ? null : itemId,
  requested_by: requestedBy,
  asked_by: askedBy,
})

/** The value of `code` from the claim until amavisd is about to be asked. */
const NOT_ASKED = 'NOT_ASKED'

/** True when the holder of this claim certainly has not asked amavisd. */
export const neverAsked = (row: ReleaseRow): boolean => row.code === NOT_ASKED

/**
 * Claims a held message again whose claim has ended, if the row is still as the caller saw it.
 *
 * @param claim has a `request` when somebody asks again after a failure: attempts and the time to give up then start
 * anew
 * @returns whether the caller has won
 */
export async function claimAgain(
  state: Database<StateTables>,
  seen: ReleaseRow,
  claim: {
    readonly claimId: string
    readonly leaseUntil: number
    readonly request?: AskedBy & { readonly at: number }
  },
): Promise<boolean> {
  const { request } = claim
  const result = await state.sql
    .updateTable('digest_release')
    .set(update => ({
      state: 'releasing',
      claim_id: claim.claimId,
      lease_until: claim.leaseUntil,
      attempts: request ? 1 : update('attempts', '+', 1),
      ...(request ? { ...askedColumns(seen.heldId, request), requested_at: request.at } : {}),
      next_attempt_at: null,
      finished_at: null,
      code: NOT_ASKED,
    }))
    .where('item_id', '=', seen.heldId)
    .where('claim_id', '=', seen.claimId)
    .where('state', '=', seen.state)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Renews the lease of a claim, and records that amavisd is being asked from now on.
 * @returns false when the caller has lost the claim: then it must not ask amavisd
 */
export const renewClaim = async (
  state: Database<StateTables>,
  claim: ReleaseRow,
  leaseUntil: number,
): Promise<boolean> => isChanged(await renewal(state, claim, leaseUntil).executeTakeFirst())

/**
 * The same, unless somebody of ours has deleted the message, or has begun to: they write that before they set `rs`.
 * @returns false also for a message that was restored by another program: our row of its deletion stays
 */
export const renewUndeleted = async (
  state: Database<StateTables>,
  claim: ReleaseRow,
  leaseUntil: number,
): Promise<boolean> =>
  isChanged(
    await renewal(state, claim, leaseUntil)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('digest_deletion').select('held_id').where('held_id', '=', claim.heldId))),
      )
      .executeTakeFirst(),
  )

const renewal = ({ sql }: Database<StateTables>, { heldId, claimId }: ReleaseRow, leaseUntil: number) =>
  sql
    .updateTable('digest_release')
    .set({ lease_until: leaseUntil, code: null })
    .where('item_id', '=', heldId)
    .where('claim_id', '=', claimId)
    .where('state', '=', 'releasing')

const isChanged = ({ numUpdatedRows }: UpdateResult): boolean => numUpdatedRows === 1n

/** How a claim ended. */
export interface ClaimEnd {
  readonly state: ReleaseResult
  readonly code: string | null
  readonly reply: string
  /** When amavisd is asked again for a queued release, or when `msgrcpt.rs` is set at the latest for a released one. */
  readonly nextAttemptAt: number | null
  readonly now: number
}

/**
 * Ends a claim, if it is still the caller's and has not ended yet. A claim that was given up as `uncertain` meanwhile
 * is the caller's until somebody claims the message again: it is better to record amavisd's late answer than none.
 *
 * @returns false when the caller has lost the claim: then the row holds the outcome
 */
export async function endClaim(
  state: Database<StateTables>,
  heldId: string,
  claimId: string,
  end: ClaimEnd,
): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_release')
    .set(columnsOf(end))
    .where('item_id', '=', heldId)
    .where('claim_id', '=', claimId)
    .where('state', 'in', ['releasing', 'uncertain'])
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Ends a dead process's claim, if it has not changed since it was seen. @returns whether it was ended */
export async function endOrphan(
  state: Database<StateTables>,
  seen: ReleaseRow,
  end: ClaimEnd,
): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_release')
    .set(columnsOf(end))
    .where('item_id', '=', seen.heldId)
    .where('claim_id', '=', seen.claimId)
    .where('state', '=', 'releasing')
    .where('lease_until', '=', seen.leaseUntil)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

const columnsOf = (end: ClaimEnd) => ({
  state: end.state,
  code: end.code,
  reply: end.reply.slice(0, 1000),
  next_attempt_at: end.nextAttemptAt,
  finished_at: end.state === 'queued' ? null : end.now,
})

/** Makes a queued release due now. @returns false when it is no longer queued */
export async function makeQueuedDue(
  state: Database<StateTables>,
  seen: ReleaseRow,
  now: number,
): Promise<boolean> {
  return changeQueued(state, seen, { next_attempt_at: now })
}

/**
 * Ends a queued release, so that amavisd is not asked again. It may be asked for anew, as if it never had been.
 *
 * @returns false when it is no longer queued
 */
export async function dropQueued(
  state: Database<StateTables>,
  seen: ReleaseRow,
  now: number,
  as: typeof DROPPED | typeof WITHDRAWN = DROPPED,
): Promise<boolean> {
  return changeQueued(state, seen, { state: 'failed', ...as, next_attempt_at: null, finished_at: now })
}

/**
 * A reader asks for a release that is queued. If an admin has queued it, it is that reader's from now on, who is told
 * what becomes of it. If a reader has, it stays that reader's: one of them is told, the others see it on their pages.
 */
export async function joinQueued(state: Database<StateTables>, seen: ReleaseRow, by: AskedBy): Promise<void> {
  if (seen.askedBy !== seen.requestedBy) await changeQueued(state, seen, askedColumns(seen.heldId, by))
}

/**
 * The reply of a release that was queued or uncertain until amavis's row said R: another program has carried it out, or a
 * process of ours that died before it recorded that. No other release has this reply.
 */
export const RELEASED_ELSEWHERE = 'another program has released it meanwhile'

/** The code and the reply of a release that an admin has dropped. No other release fails with this code. */
export const DROPPED = { code: 'POLICY_REFUSED', reply: 'dropped by an admin' } as const

/** A message that was deleted has been restored: a release that failed because of that counts as never asked for. */
export async function forgiveGone(state: Database<StateTables>, heldId: string): Promise<void> {
  await state.sql
    .updateTable('digest_release')
    .set(WITHDRAWN)
    .where('item_id', '=', heldId)
    .where('state', '=', 'failed')
    .where('code', '=', 'MESSAGE_GONE')
    .execute()
}

/** The same for one that was withdrawn, because who asked for it, or an admin, has deleted the message since. */
export const WITHDRAWN = { code: 'POLICY_REFUSED', reply: 'withdrawn: the message was deleted' } as const

/** Which queued releases are due, as `heldId`; first those due the longest. */
export const dueReleaseIds = (state: Database<StateTables>, now: number, limit: number): Promise<string[]> =>
  dueIn(state, 'queued', now, limit)

/** For which released messages `msgrcpt.rs` still has to be set, as `heldId`. */
export const unmarkedReleaseIds = (
  state: Database<StateTables>,
  now: number,
  limit: number,
): Promise<string[]> => dueIn(state, 'released', now, limit)

/** Whether `msgrcpt.rs` is set for all released messages. */
export const areAllMarked = async (state: Database<StateTables>): Promise<boolean> =>
  (await unmarkedReleaseIds(state, Number.MAX_SAFE_INTEGER, 1)).length === 0

async function dueIn(
  state: Database<StateTables>,
  is: ReleaseState,
  now: number,
  limit: number,
): Promise<string[]> {
  const rows = await state.sql
    .selectFrom('digest_release')
    .select('item_id')
    .where('state', '=', is)
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute()
  return rows.map(row => row.item_id)
}

/** Records when `msgrcpt.rs` is to be set. */
export const setMarkDueAt = (
  state: Database<StateTables>,
  heldId: string,
  nextAttemptAt: number,
): Promise<void> => setMarksDueAt(state, [heldId], nextAttemptAt)

/** Records that `msgrcpt.rs` is set, or that there is nothing left to set. */
export async function recordMarked(state: Database<StateTables>, heldIds: readonly string[]): Promise<void> {
  for (const chunk of chunks(heldIds)) await setMarksDueAt(state, chunk, null)
}

async function setMarksDueAt(
  state: Database<StateTables>,
  heldIds: readonly string[],
  nextAttemptAt: number | null,
): Promise<void> {
  await state.sql
    .updateTable('digest_release')
    .set({ next_attempt_at: nextAttemptAt })
    .where('item_id', 'in', heldIds)
    .where('state', '=', 'released')
    .execute()
}

async function changeQueued(
  state: Database<StateTables>,
  seen: ReleaseRow,
  to: Partial<ReleaseTable>,
): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_release')
    .set(to)
    .where('item_id', '=', seen.heldId)
    .where('claim_id', '=', seen.claimId)
    .where('state', '=', 'queued')
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Releases of processes that died before they got an answer. */
export async function orphanedReleases(
  state: Database<StateTables>,
  now: number,
  limit: number,
): Promise<ReleaseRow[]> {
  const rows = await state.sql
    .selectFrom('digest_release')
    .selectAll()
    .where('state', '=', 'releasing')
    .where('lease_until', '<=', now)
    .limit(limit)
    .execute()
  return rows.map(releaseOf)
}

/** Turns a row of the table into the form that the program uses. */
export const releaseOf = (row: ReleaseTable): ReleaseRow => ({
  heldId: row.item_id,
  askedItem: row.asked_item ?? row.item_id,
  state: row.state,
  claimId: row.claim_id,
  requestedBy: row.requested_by,
  askedBy: row.asked_by ?? row.requested_by,
  requestedAt: Number(row.requested_at),
  leaseUntil: Number(row.lease_until),
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at === null ? null : Number(row.next_attempt_at),
  finishedAt: row.finished_at === null ? null : Number(row.finished_at),
  code: row.code,
  reply: row.reply,
})
