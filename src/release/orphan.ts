import type { AskDeps } from './ask.ts'
import { endClaim, type ReleaseRow } from './claims.ts'

/**
 * Ends the claim of a process that died while it asked: a copy may have been delivered, and nobody can know.
 * @returns false when another process was quicker
 */
export async function orphan(
  deps: Pick<AskDeps, 'state' | 'clock' | 'log'>,
  row: ReleaseRow,
): Promise<boolean> {
  const isOurs = await endClaim(deps.state, row.itemId, row.claimId, {
    state: 'uncertain',
    code: 'RELEASE_UNCERTAIN',
    reply: REPLY,
    nextAttemptAt: null,
    now: deps.clock(),
  })
  if (isOurs) deps.log.error({ item: row.itemId, requestedBy: row.requestedBy }, REPLY)
  return isOurs
}

const REPLY = 'the process that asked amavisd ended before it had the answer'
