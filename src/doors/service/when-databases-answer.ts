import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { SECOND } from '../../ground/durations.ts'
import { CodedError, type ErrorCode } from '../../ground/errors.ts'

/**
 * Does what the start needs of the databases, however long they are away.
 *
 * @returns false when the signal came first
 * @throws CodedError what waiting does not cure: tables that are not migrated, a missing right
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
      log.error({ reason: error.message }, 'a database does not serve; trying again in 5 s')
      await wait(TRY_AGAIN, undefined, { signal }).catch(() => undefined)
    }
  }
  return false
}

/** A standby server becomes the primary one, too. */
const MAY_PASS: readonly ErrorCode[] = ['DATABASE_UNREACHABLE', 'DATABASE_READ_ONLY']

const TRY_AGAIN = 5 * SECOND
