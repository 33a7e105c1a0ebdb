import type { AskDeps } from './ask.ts'
import { type ClaimEnd, endOrphan, neverAsked, type ReleaseRow } from './claims.ts'

/**
 * Ends the claim of a process that died. If it had not asked amavisd yet, the release is queued as if it had been put
 * off; if it had, a copy may have been delivered, and nobody can know.
 *
 * @returns what the release is now; undefined when another process was quicker
 */
export async function settleOrphan(
  deps: Pick<AskDeps, 'state' | 'clock' | 'log'>,
  row: ReleaseRow,
): Promise<'queued' | 'uncertain' | undefined> {
  const end = neverAsked(row) ? putOff(deps.clock()) : givenUp(deps.clock())
  if (!(await endOrphan(deps.state, row, end))) return undefined
  const level = end.state === 'queued' ? 'warn' : 'error'
  deps.log[level]({ item: row.itemId, requestedBy: row.requestedBy }, end.reply)
  return end.state
}

const putOff = (now: number) =>
  ({
    state: 'queued',
    code: 'AMAVISD_DEFERRED',
    reply: 'the process that was to ask amavisd ended before it did',
    nextAttemptAt: now,
    now,
  }) as const satisfies ClaimEnd

const givenUp = (now: number) =>
  ({
    state: 'uncertain',
    code: 'RELEASE_UNCERTAIN',
    reply: 'the process that asked amavisd ended before it had the answer',
    nextAttemptAt: null,
    now,
  }) as const satisfies ClaimEnd
