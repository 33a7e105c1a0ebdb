import { findHeldMail, heldMailKeyOf } from '../../ground/amavis/held-mail.ts'
import { recordAudit } from '../../ground/audit/record.ts'
import { keepTrying } from '../../ground/retry/keep-trying.ts'
import { newId } from '../../ground/state/id.ts'
import type { Item } from '../collect/items.ts'
import { type Asked, askAmavisd } from './ask.ts'
import {
  claimAgain,
  endClaim,
  findRelease,
  orphanedReleases,
  RELEASED_ELSEWHERE,
  type ReleaseRow,
} from './claims.ts'
import { findItemOfRelease } from './item-of-release.ts'
import { markInAmavis } from './mark-in-amavis.ts'
import type { ReleaseDeps } from './release-message.ts'
import { settleOrphan } from './settle-orphan.ts'

/**
 * Asks amavisd again for one queued release, if it is due and no other process is doing so.
 *
 * @param heldId the id of the release
 * @returns whether the release was attempted
 */
export async function retryRelease(deps: ReleaseDeps, heldId: string): Promise<boolean> {
  const row = await findRelease(deps.state, heldId)
  const isDue = row?.state === 'queued' && (row.nextAttemptAt ?? 0) <= deps.clock()
  return isDue && (await retry(deps, row))
}

/** Ends the claims of processes that died. @returns how many it has found */
export async function endOrphans(deps: ReleaseDeps): Promise<number> {
  const orphans = await orphanedReleases(deps.state, deps.clock(), BATCH)
  for (const row of orphans) {
    if ((await settleOrphan(deps, row)) !== 'uncertain') continue
    await audit(deps, await findItemOfRelease(deps.state, row), row, {
      state: 'uncertain',
      code: 'RELEASE_UNCERTAIN',
      reply: 'no answer was recorded',
    })
  }
  return orphans.length
}

/** The next sweep ends the others. */
const BATCH = 200

async function retry(deps: ReleaseDeps, seen: ReleaseRow): Promise<boolean> {
  const item = await findItemOfRelease(deps.state, seen)
  // If amavis's database is away now, asking amavisd will find that out, too, and queue the release again.
  const done = await alreadySettled(deps, item).catch(() => undefined)
  const claim = await takeOver(deps, seen)
  if (!claim) return false
  if (!done) deps.meter.retried('release')
  const asked = done ?? (item && (await askAgain(deps, item, claim)))
  if (done) {
    const end = { ...done, nextAttemptAt: null, now: deps.clock() }
    await keepTrying(
      () => endClaim(deps.state, seen.heldId, claim.claimId, end),
      error => deps.works.failed('recording', 'release', error),
    )
  }
  // An attempt that leaves the release queued is not audited: a day of attempts would fill the audit.
  if (asked && asked.state !== 'queued') await audit(deps, item, seen, asked)
  return asked !== undefined
}

function askAgain(deps: ReleaseDeps, item: Item, claim: ReleaseRow): Promise<Asked | undefined> {
  return askAmavisd(deps, item, claim, { whenReleased: () => markInAmavis(deps, item) })
}

/** The outcome of a release for which nothing is left to do; undefined when amavisd has to be asked. */
async function alreadySettled(deps: ReleaseDeps, item: Item | undefined): Promise<Asked | undefined> {
  if (!item) return { state: 'failed', code: 'MESSAGE_GONE', reply: 'the item is no longer kept' }
  const mail = (await findHeldMail(deps.storage, [item])).get(heldMailKeyOf(item))
  if (mail?.state !== 'released') return undefined
  return { state: 'released', code: null, reply: RELEASED_ELSEWHERE }
}

async function takeOver(deps: ReleaseDeps, seen: ReleaseRow): Promise<ReleaseRow | undefined> {
  const now = deps.clock()
  const claimId = newId(now)
  if (!(await claimAgain(deps.state, seen, { claimId, leaseUntil: now + deps.claimLease }))) return undefined
  const claim = await findRelease(deps.state, seen.heldId)
  return claim?.claimId === claimId ? claim : undefined
}

async function audit(
  deps: ReleaseDeps,
  item: Item | undefined,
  { askedItem }: ReleaseRow,
  asked: Asked,
): Promise<void> {
  const entry = {
    actor: { kind: 'program', name: 'retry', remoteAddress: null },
    action: 'release',
    itemId: item?.itemId ?? askedItem,
    ...(item ? { recipient: item.recipient, reader: item.reader } : {}),
    outcome: asked.code ?? asked.state,
    detail: asked.reply,
  } as const
  await recordAudit(deps.state, entry, deps.clock())
}
