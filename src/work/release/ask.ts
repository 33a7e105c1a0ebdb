import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { findReleaseHandle, type ReleaseHandle } from '../../ground/amavis/release-handle.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { ReleaseAnswer, ReleaseTransport } from '../../ground/amavisd/transport.ts'
import type { Database } from '../../ground/database/database.ts'
import { SECOND } from '../../ground/durations.ts'
import type { ErrorCode } from '../../ground/errors.ts'
import type { WorkWatch } from '../../ground/health/work-watch.ts'
import type { Meter } from '../../ground/metrics/meter.ts'
import { keepTrying } from '../../ground/retry/keep-trying.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { ReleaseResult } from '../../ground/state/states.ts'
import { publishStep } from '../../ground/steps.ts'
import type { Item } from '../collect/items.ts'
import { endClaim, type ReleaseRow, renewClaim, renewUndeleted } from './claims.ts'
import { nextAttemptAt } from './retry-times.ts'

export interface AskDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly transport: ReleaseTransport
  /** For how long amavisd is asked again while it or the next MTA is away, in milliseconds. */
  readonly giveUpReleasesAfter: number
  /** Milliseconds after which the process that made a claim counts as dead: longer than amavisd may take to answer. */
  readonly claimLease: number
  readonly clock: () => number
  readonly meter: Meter
  /** Ends the wait for a free connection to amavisd. Once amavisd has been asked, its answer is waited for. */
  readonly stop?: AbortSignal
  /** For jitter: from 0 to just below 1. */
  readonly random: () => number
  readonly works: WorkWatch
  readonly log: Logger
}

/** The result of asking amavisd. */
export interface Asked {
  readonly state: ReleaseResult
  readonly code: ErrorCode | null
  /** What amavisd said. */
  readonly reply: string
}

/** What is done at the same time as a step of asking, because neither needs to wait for the other. */
export interface Beside {
  /** The handle, read since the message was last looked at; where it is undefined, it is read under the claim. */
  readonly handle?: Promise<ReleaseHandle | undefined> | undefined
  /** Is called when amavisd has released the message, while that is being recorded. Never rejects. */
  readonly whenReleased: (asked: Asked) => Promise<void>
}

/**
 * Asks amavisd to release a message whose claim the caller holds, and records the answer in our own row.
 *
 * @param beside where the message was released, the caller also sets `msgrcpt.rs`, which other programs read
 * @returns undefined when another process has taken the claim over: then the answer that counts is in the row
 */
export async function askAmavisd(
  deps: AskDeps,
  item: Item,
  claim: ReleaseRow,
  { handle, whenReleased }: Beside,
): Promise<Asked | undefined> {
  publishStep('release-claimed')
  const askedAt = deps.clock()
  const answer = await request(deps, item, claim, handle).catch(notAsked)
  publishStep('release-answered')
  const now = deps.clock()
  const asked = conclude(answer, claim, deps.giveUpReleasesAfter, now)
  const end = {
    state: asked.state,
    code: asked.code,
    reply: asked.reply,
    nextAttemptAt: nextAttemptAt({ ...asked, attempts: claim.attempts }, now, deps.random),
    now,
  }
  // Without this record nobody would know what amavisd has said.
  const recorded = keepTrying(
    () => endClaim(deps.state, claim.heldId, claim.claimId, end),
    error => deps.works.failed('recording', 'release', error),
  )
  const others = asked.state === 'released' ? whenReleased(asked) : undefined
  const [isOurs] = await Promise.all([recorded, others])
  deps.works.succeeded('recording', 'release')
  if (!isOurs && asked.state !== 'released') return undefined
  deps.meter.released(asked.state, (now - askedAt) / SECOND)
  const level = asked.state === 'released' ? 'info' : asked.state === 'queued' ? 'warn' : 'error'
  deps.log[level]({ item: item.itemId, recipient: item.recipient, ...asked }, 'amavisd was asked to release')
  publishStep('release-recorded')
  return asked
}

async function request(
  deps: AskDeps,
  item: Item,
  claim: ReleaseRow,
  readBefore: Beside['handle'],
): Promise<ReleaseAnswer> {
  const handle = await (readBefore ?? findReleaseHandle(deps.storage, item))
  if (!handle || handle.quarantineType === '') {
    return { outcome: 'gone', reply: 'amavisd no longer has this message' }
  }
  if (handle.isDeleted) return DELETED
  const question = {
    mailId: handle.mailId,
    secretId: handle.secretId,
    partitionTag: handle.partitionTag,
    host: handle.host,
    quarantineType: handle.quarantineType,
    quarantineLocation: handle.quarantineLocation,
    recipient: handle.recipient,
    requestedBy: claim.requestedBy,
  }
  let isDeleted = false
  // The wait for a free connection counts against the lease. A process that has lost the claim meanwhile must not ask.
  const onTurn = async () => {
    if (await renewUndeleted(deps.state, claim, deps.clock() + deps.claimLease)) return true
    isDeleted = (await findReleaseHandle(deps.storage, item))?.isDeleted === true
    return !isDeleted && renewClaim(deps.state, claim, deps.clock() + deps.claimLease)
  }
  const answer = await deps.transport.release(question, deps.stop, onTurn)
  return isDeleted ? DELETED : answer
}

/**
 * Who deletes writes a row of ours, then `rs`, and then looks at our claim. That is written before we look for their row
 * and, if it is there, at `rs`: one of both sees the other. A deletion that has only begun will see the claim.
 */
const DELETED = {
  outcome: 'gone',
  reply: 'somebody has deleted this message',
} as const satisfies ReleaseAnswer

/** amavis's database could not be read, so amavisd was not asked. It is tried again, as when amavisd itself is away. */
const notAsked = (error: unknown): ReleaseAnswer => ({
  outcome: 'unreachable',
  reply: error instanceof Error ? error.message : String(error),
  asked: false,
})

function conclude(answer: ReleaseAnswer, claim: ReleaseRow, giveUp: number, now: number): Asked {
  const { reply } = answer
  const inTime = now - claim.requestedAt < giveUp
  switch (answer.outcome) {
    case 'released':
      return { state: 'released', code: null, reply }
    case 'deferred':
      return { state: inTime ? 'queued' : 'failed', code: 'AMAVISD_DEFERRED', reply }
    case 'unreachable':
      if (answer.asked) return { state: 'uncertain', code: 'RELEASE_UNCERTAIN', reply }
      return { state: inTime ? 'queued' : 'failed', code: 'AMAVISD_UNREACHABLE', reply }
    case 'refused':
      return { state: 'failed', code: 'AMAVISD_REFUSED', reply }
    case 'gone':
      return { state: 'failed', code: 'MESSAGE_GONE', reply }
  }
}
