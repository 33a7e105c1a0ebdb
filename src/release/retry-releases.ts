import { recordAudit } from '../audit/record.ts'
import { findItem } from '../collect/items.ts'
import { newId } from '../database/id.ts'
import { askAmavisd } from './ask.ts'
import { claimAgain, dueReleases, findRelease, type ReleaseRow } from './claims.ts'
import type { ReleaseDeps } from './release-message.ts'

/** Asks amavisd again for the queued releases that are due. @returns how many were asked for */
export async function retryReleases(deps: ReleaseDeps, signal?: AbortSignal): Promise<number> {
  let asked = 0
  for (const row of await dueReleases(deps.state, deps.clock(), BATCH)) {
    if (signal?.aborted) return asked
    if (await retry(deps, row)) asked += 1
  }
  return asked
}

/** Each one waits for amavisd; the others wait for their turn in the table. */
const BATCH = 50

async function retry(deps: ReleaseDeps, seen: ReleaseRow): Promise<boolean> {
  const item = await findItem(deps.state, seen.itemId)
  if (!item) return false
  const now = deps.clock()
  const claimId = newId(now)
  if (!(await claimAgain(deps.state, seen, { claimId, leaseUntil: now + deps.claimLease }))) return false
  const claim = await findRelease(deps.state, seen.itemId)
  if (claim?.claimId !== claimId) return false
  const asked = await askAmavisd(deps, item, claim)
  const entry = {
    actor: { kind: 'program', name: 'retry', remoteAddress: null },
    action: 'release',
    itemId: item.itemId,
    recipient: item.recipient,
    outcome: asked.code ?? asked.state,
    detail: asked.reply,
  } as const
  await recordAudit(deps.state, entry, deps.clock())
  return true
}
