import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Config } from '../ground/config/schema.ts'
import type { Database } from '../ground/database/database.ts'
import type { Directory } from '../ground/directory/directory.ts'
import { inHalves } from '../ground/directory/in-halves.ts'
import { withTimeLimit } from '../ground/directory/time-limit.ts'
import { HOUR } from '../ground/durations.ts'
import { directoryFault, watchDirectory } from '../ground/health/watch-answers.ts'
import { createWatchedPart, type WatchedPart } from '../ground/health/watched-part.ts'
import { senderAddress } from '../ground/mail/smtp.ts'
import type { StateTables } from '../ground/state/state-tables.ts'
import type { PlaceAnewDeps } from '../work/collect/place-anew.ts'
import { rememberAnswers } from '../work/known-answers/known-answers.ts'

/** The directory as the use-cases know it. */
export interface KnownDirectory {
  /** Its answers are at most `directory.refresh` old, unless it is away. */
  readonly directory: Directory
  /** The directory itself, which throws while it is away: for an admin who wants to see what it says now. */
  readonly live: Directory
  /** What it has answered before, however long ago. */
  readonly remembered: Directory
  /** It is asked each time, unless it is away. */
  readonly fresh: Directory
  /** How waiting messages follow it. */
  readonly placing: PlaceAnewDeps['placing']
  /** Its health; none for a directory that cannot be away. */
  readonly watched: readonly WatchedPart[]
}

export interface KnownDirectoryDeps {
  /** The directory that the configuration asks for. */
  readonly directory: Directory
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly log: Logger
}

/**
 * A directory whose answers are remembered and whose health is watched. The kind `addresses` needs neither. Its answers
 * never change; but a digest that was made under another kind may still give its messages back, so these are looked for.
 */
export function knownDirectoryOf(
  config: Config,
  { directory, state, clock, log }: KnownDirectoryDeps,
): KnownDirectory {
  const source = sourceOf(config)
  if (config.directory.kind === 'addresses')
    return {
      directory,
      live: directory,
      remembered: directory,
      fresh: directory,
      placing: { source, every: HOUR },
      watched: [],
    }
  const { refresh, timeout } = config.directory
  const limited = withTimeLimit(directory, timeout)
  const sender = senderAddress(config.smtp)
  const part = createWatchedPart({
    part: 'directory',
    code: 'DIRECTORY_UNREACHABLE',
    probe: () => directoryFault(limited, sender),
    every: config.health.every,
    clock: () => performance.now(),
    log,
  })
  // A refused question is asked again in parts; what has been answered by then must not come too late.
  const patient = withTimeLimit(inHalves(directory, { limit: timeout / 2, harmless: sender, log }), timeout)
  const known = rememberAnswers({ directory: watchDirectory(patient, part), source, state, clock, log })
  const fresh = known.noOlderThan(0)
  return {
    directory: known.noOlderThan(refresh),
    remembered: known.remembered,
    live: {
      find: addresses =>
        limited.find(addresses).catch((error: unknown) => {
          known.isFoundAway()
          throw error
        }),
    },
    fresh,
    placing: { directory: fresh, source, every: refresh },
    watched: [part],
  }
}

/**
 * Tells directories apart: whatever may change an answer is part of it. A password may change; the answers stay.
 */
export function sourceOf({ directory, storage }: Pick<Config, 'directory' | 'storage'>): string {
  const { refresh: _refresh, timeout: _timeout, password: _password, url, ...asked } = directory
  const text = JSON.stringify({ ...asked, url: withoutPassword(url ?? storage.url) })
  return createHash('sha256').update(text).digest('base64url').slice(0, 20)
}

function withoutPassword(address: string): string {
  const url = new URL(address)
  url.password = ''
  return url.href
}
