import type { AskDeps } from './ask.ts'
import { type ClaimEnd, endOrphan, neverAsked, type ReleaseRow } from './claims.ts'

/**
 * Ends the claim of a process that died. If the process had not asked amavisd yet, the release is queued. If it had, a
 * copy may have been delivered, and nobody can know: the release is uncertain.
 *
 * @returns the state of the release; undefined when another process was quicker
 */
export async function settleOrphan(
  deps: Pick<AskDeps, 'state' | 'clock' | 'log'>,
  row: ReleaseRow,
): Promise<'queued' | 'uncertain' | undefined> {
  const end = neverAsked(row) ? queued(deps.clock()) : uncertain(deps.clock())
  if (!(await endOrphan(deps.state, row, end))) return undefined
  const level = end.state === 'queued' ? 'warn' : 'error'
  deps.log[level]({ item: row.askedItem, requestedBy: row.requestedBy }, end.reply)
  return end.state
}

const queued = (now: number) =>
  ({
    state: 'queued',
    code: 'AMAVISD_DEFERRED',
    reply: 'the process that was to ask amavisd ended before it did',
    nextAttemptAt: now,
    now,
  }) as const satisfies ClaimEnd

const uncertain = (now: number) =>
  ({
    state: 'uncertain',
    code: 'RELEASE_UNCERTAIN',
    reply: 'the process that asked amavisd ended before it had the answer',
    nextAttemptAt: null,
    now,
  }) as const satisfies ClaimEnd
