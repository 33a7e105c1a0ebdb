import type { AskDeps } from './ask.ts'
import { endClaim, type ReleaseRow } from './claims.ts'

/** Ends the claim of a process that died while it asked: a copy may have been delivered, and nobody can know. */
export async function orphan(deps: Pick<AskDeps, 'state' | 'clock' | 'log'>, row: ReleaseRow): Promise<void> {
  await endClaim(deps.state, row.itemId, row.claimId, {
    state: 'uncertain',
    code: 'RELEASE_UNCERTAIN',
    reply: REPLY,
    nextAttemptAt: null,
    now: deps.clock(),
  })
  deps.log.error({ item: row.itemId, requestedBy: row.requestedBy }, REPLY)
}

const REPLY = 'the process that asked amavisd ended before it had the answer'
