import { MINUTE, SECOND } from '../../ground/durations.ts'
import { findReleases, type ReleaseRow, WITHDRAWN } from '../release/claims.ts'
import { type ReleaseApprovedDeps, releaseApproved } from './release-approved.ts'
import type { RequestRow } from './request-rows.ts'
import { markDone, takeBackPending } from './take-back-pending.ts'
import { type TellReadersDeps, tellReaders } from './tell-readers.ts'
import type { Tidings } from './tidings.ts'

export type FinishDeps = ReleaseApprovedDeps & TellReadersDeps

/**
 * Does what is left to do for requests that have ended: releases what was approved if a crash has prevented that, sets
 * `msgrcpt.rs`, and tells the readers, also what becomes of a delivery that waits. One that fails does not hold up the
 * others.
 */
export async function finishRequests(deps: FinishDeps, requests: readonly RequestRow[]): Promise<void> {
  const releases = await findReleases(
    deps.state,
    requests.map(({ heldId }) => heldId),
  )
  for (const request of requests) {
    const next = await finish(deps, request, releases.get(request.heldId)).catch((error: unknown) => {
      deps.log.error(
        { err: error, request: request.id },
        'a request could not be finished; it is tried again',
      )
      return deps.clock() + MINUTE
    })
    await lookAgain(deps, request, next)
  }
}

/** @returns when it is looked at again; null: nothing is left to do */
async function finish(
  deps: FinishDeps,
  request: RequestRow,
  release: ReleaseRow | undefined,
): Promise<number | null> {
  const now = deps.clock()
  if (request.state === 'approved' && isMissing(request, release)) {
    const outcome = await releaseApproved(deps, request, PROGRAM)
    if (outcome.status === 'failed' && outcome.code === 'MESSAGE_GONE') return conclude(deps, request, 'gone')
    if (outcome.status === 'failed' && outcome.code === 'POLICY_REFUSED')
      return conclude(deps, request, 'failed')
    return now
  }
  const tidings = tidingsOf(request, release, now)
  if (tidings === undefined) return now + whileQueued(request, now)
  if (tidings !== 'queued') return conclude(deps, request, tidings)
  await tellReaders(deps, request, 'queued')
  return now + whileQueued(request, now)
}

const PROGRAM = { actor: { kind: 'program', name: 'requests', remoteAddress: null } } as const

/** A crash has come between the decision and the release; or an earlier release has failed, which counts no more. */
const isMissing = ({ endedAt = 0 }: RequestRow, release: ReleaseRow | undefined): boolean =>
  !release ||
  ((release.state === 'failed' || release.state === 'uncertain') &&
    (release.finishedAt ?? release.requestedAt) < endedAt)

/** What its readers are to know now; undefined: nothing yet. */
function tidingsOf(
  { state, endedAt = 0 }: RequestRow,
  release: ReleaseRow | undefined,
  now: number,
): Tidings | undefined {
  switch (state) {
    case 'refused':
    case 'expired':
    case 'released':
    case 'gone':
      return state
    case 'approved':
      break
    case 'waiting':
      return undefined
  }
  switch (release?.state) {
    case 'released':
      return 'arrived'
    case 'failed':
      // Whoever deletes a message withdraws its release.
      return release.code === 'MESSAGE_GONE' || release.reply === WITHDRAWN.reply ? 'gone' : 'failed'
    case 'uncertain':
      return 'uncertain'
    case 'queued':
    case 'releasing':
    case undefined:
      return now - endedAt < SOON ? undefined : 'queued'
  }
}

/** A delivery that waits no longer than this is not worth a mail of its own. */
const SOON = 30 * SECOND

/** How long until a delivery that waits is looked at again: amavisd is asked in similar steps. */
const whileQueued = ({ endedAt = 0 }: RequestRow, now: number): number =>
  Math.min(5 * MINUTE, Math.max(2 * SECOND, Math.ceil((now - endedAt) / 4)))

async function conclude(deps: FinishDeps, request: RequestRow, tidings: Tidings): Promise<number | null> {
  if (!request.isMarked) {
    // R is set by the release itself.
    if (tidings === 'arrived') await markDone(deps.state, request.id)
    else await takeBackPending(deps, request)
  }
  return tellReaders(deps, request, tidings)
}

/** Unless somebody has restored the message meanwhile, so that its request waits again. */
async function lookAgain(deps: FinishDeps, request: RequestRow, nextAt: number | null): Promise<void> {
  await deps.state.sql
    .updateTable('digest_request')
    .set({ next_at: nextAt })
    .where('request_id', '=', request.id)
    .where('version', '=', request.version)
    .execute()
}
