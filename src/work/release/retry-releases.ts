import { findHeldMail, keyOf } from '../../ground/amavis/held-mail.ts'
import { recordAudit } from '../../ground/audit/record.ts'
import { persist } from '../../ground/retry/persist.ts'
import { newId } from '../../ground/state/id.ts'
import { findItem, type Item } from '../collect/items.ts'
import { type Asked, askAmavisd } from './ask.ts'
import { claimAgain, endClaim, findRelease, orphanedReleases, type ReleaseRow } from './claims.ts'
import type { ReleaseDeps } from './release-message.ts'
import { settleOrphan } from './settle-orphan.ts'

/**
 * Asks amavisd again for one queued release, if it is due and nobody else is at it.
 * @returns whether it was asked for
 */
export async function retryRelease(deps: ReleaseDeps, itemId: string): Promise<boolean> {
  const row = await findRelease(deps.state, itemId)
  const isDue = row?.state === 'queued' && (row.nextAttemptAt ?? 0) <= deps.clock()
  return isDue && (await retry(deps, row))
}

/** Ends the claims of processes that died. */
export async function endOrphans(deps: ReleaseDeps): Promise<void> {
  for (const row of await orphanedReleases(deps.state, deps.clock(), BATCH)) {
    if ((await settleOrphan(deps, row)) !== 'uncertain') continue
    await audit(deps, row.itemId, { state: 'uncertain', code: 'RELEASE_UNCERTAIN', reply: 'never heard' })
  }
}

/** The others are ended the next time. */
const BATCH = 200

async function retry(deps: ReleaseDeps, seen: ReleaseRow): Promise<boolean> {
  const item = await findItem(deps.state, seen.itemId)
  // What cannot be looked up now is settled when amavisd is asked: that finds the same database away.
  const done = await settledElsewhere(deps, item).catch(() => undefined)
  const claim = await takeOver(deps, seen)
  if (!claim) return false
  if (!done) deps.meter.retried('release')
  const asked = done ?? (item && (await askAmavisd(deps, item, claim)))
  if (done) {
    const end = { ...done, nextAttemptAt: null, now: deps.clock() }
    await persist(() => endClaim(deps.state, seen.itemId, claim.claimId, end))
  }
  // That it is still queued is in its row; a day of attempts would fill the audit.
  if (asked && asked.state !== 'queued') await audit(deps, seen.itemId, asked)
  return asked !== undefined
}

/** What there is to say of a release that nothing is left to do for; undefined when amavisd is to be asked. */
async function settledElsewhere(deps: ReleaseDeps, item: Item | undefined): Promise<Asked | undefined> {
  if (!item) return { state: 'failed', code: 'MESSAGE_GONE', reply: 'the item is not kept any more' }
  const mail = (await findHeldMail(deps.storage, [item])).get(keyOf(item))
  if (mail?.state !== 'released') return undefined
  return { state: 'released', code: null, reply: 'another program has released it meanwhile' }
}

async function takeOver(deps: ReleaseDeps, seen: ReleaseRow): Promise<ReleaseRow | undefined> {
  const now = deps.clock()
  const claimId = newId(now)
  if (!(await claimAgain(deps.state, seen, { claimId, leaseUntil: now + deps.claimLease }))) return undefined
  const claim = await findRelease(deps.state, seen.itemId)
  return claim?.claimId === claimId ? claim : undefined
}

async function audit(deps: ReleaseDeps, itemId: string, asked: Asked): Promise<void> {
  const item = await findItem(deps.state, itemId)
  const entry = {
    actor: { kind: 'program', name: 'retry', remoteAddress: null },
    action: 'release',
    itemId,
    ...(item ? { recipient: item.recipient, reader: item.reader } : {}),
    outcome: asked.code ?? asked.state,
    detail: asked.reply,
  } as const
  await recordAudit(deps.state, entry, deps.clock())
}
