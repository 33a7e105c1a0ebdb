import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { SECOND } from '../../ground/durations.ts'
import { CodedError, type ErrorCode } from '../../ground/errors.ts'

/**
 * Does the work that the start needs the databases for, and waits as long as they are unreachable.
 *
 * @returns false when the signal was aborted first
 * @throws CodedError for faults that waiting does not cure: tables that are not migrated, a missing right
 */
export async function whenDatabasesAnswer(
  work: () => Promise<void>,
  log: Logger,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof CodedError) || !MAY_PASS.includes(error.code)) throw error
      log.error({ reason: error.message }, 'a database cannot be used; trying again in 5 s')
      await wait(TRY_AGAIN, undefined, { signal }).catch(() => undefined)
    }
  }
  return false
}

/** A read-only server may be a standby that is about to become the primary. */
const MAY_PASS: readonly ErrorCode[] = ['DATABASE_UNREACHABLE', 'DATABASE_READ_ONLY']

const TRY_AGAIN = 5 * SECOND
