import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { findReleaseHandle } from '../../ground/amavis/release-handle.ts'
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
import { endClaim, type ReleaseRow, renewClaim } from './claims.ts'
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

/**
 * Asks amavisd to release a message whose claim the caller holds, and records the answer in our own row. Where the
 * message was released, the caller also sets `msgrcpt.rs`, which other programs read.
 *
 * @returns undefined when another process has taken the claim over: then the answer that counts is in the row
 */
export async function askAmavisd(deps: AskDeps, item: Item, claim: ReleaseRow): Promise<Asked | undefined> {
  publishStep('release-claimed')
  const askedAt = deps.clock()
  const answer = await request(deps, item, claim).catch(notAsked)
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
  const isOurs = await keepTrying(
    () => endClaim(deps.state, claim.heldId, claim.claimId, end),
    error => deps.works.failed('recording', 'release', error),
  )
  deps.works.succeeded('recording', 'release')
  if (!isOurs && asked.state !== 'released') return undefined
  deps.meter.released(asked.state, (now - askedAt) / SECOND)
  const level = asked.state === 'released' ? 'info' : asked.state === 'queued' ? 'warn' : 'error'
  deps.log[level]({ item: item.itemId, recipient: item.recipient, ...asked }, 'amavisd was asked to release')
  publishStep('release-recorded')
  return asked
}

async function request(deps: AskDeps, item: Item, claim: ReleaseRow): Promise<ReleaseAnswer> {
  const handle = await findReleaseHandle(deps.storage, item)
  if (!handle || handle.quarantineType === '') {
    return { outcome: 'gone', reply: 'amavisd no longer has this message' }
  }
  // Who deletes writes this first and then looks at our claim, which is written already: one of both sees the other.
  if (handle.isDeleted) return { outcome: 'gone', reply: 'somebody has deleted this message' }
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
  // The wait for a free connection counts against the lease. A process that has lost the claim meanwhile must not ask.
  const onTurn = () => renewClaim(deps.state, claim, deps.clock() + deps.claimLease)
  return deps.transport.release(question, deps.stop, onTurn)
}

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
