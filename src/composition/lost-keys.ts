import type { Logger } from 'pino'
import type { Config } from '../ground/config/schema.ts'
import type { Database } from '../ground/database/database.ts'
import { DAY } from '../ground/durations.ts'
import { CodedError } from '../ground/errors.ts'
import { withTimeLimit } from '../ground/health/time-limit.ts'
import type { KeyRing } from '../ground/links/key-ring.ts'
import { longestLifetime } from '../ground/links/urls.ts'
import { linksWithoutKey } from '../ground/state/links-without-key.ts'
import type { StateTables } from '../ground/state/state-tables.ts'

export interface LostKeysDeps {
  readonly config: Pick<Config, 'links'>
  readonly state: Database<StateTables>
  readonly keys: () => KeyRing
  readonly clock: () => number
  readonly log: Logger
}

export interface LostKeys {
  /** Logs it loudly when links in mails already sent were signed by a key that is missing. */
  tell(): Promise<void>
  /**
   * The same for /readyz, for a day: by then somebody has seen it or has no backup, and new links do work. `doctor`
   * tells it for as long as such links are out.
   *
   * @param toldFor milliseconds; a day by default
   * @throws CodedError KEY_FILE_LOST; also when the keys cannot be read. Tables that cannot be read are another part's
   */
  requireNone(toldFor?: number): Promise<void>
}

/** Notices a key file that was missing and has been made anew, or one of another machine. */
export function lostKeysOf({ config, state, keys, clock, log }: LostKeysDeps): LostKeys {
  const { keyFile, lifetime } = config.links
  const areLost = (since: number) => linksWithoutKey(state, since, longestLifetime(lifetime), clock())
  return {
    async tell() {
      const since = keys().since(clock())
      if (!(await areLost(since))) return
      log.error({ keyFile, keysSince: new Date(since).toISOString() }, LOST)
    },
    async requireNone(toldFor = DAY) {
      const since = keys().since(clock())
      if (clock() - since >= toldFor) return
      const lost = await withTimeLimit(areLost(since)).catch(() => false)
      if (lost) throw new CodedError('KEY_FILE_LOST', LOST)
    },
  }
}

const LOST =
  'links in mails already sent do not work: the key file that signed them is missing, and a new one was made. Restore it from a backup, or copy it from the machine that has it; the program notices'
