import type { Logger } from 'pino'
import type { Database } from '../../ground/database/database.ts'
import { SECOND } from '../../ground/durations.ts'
import type { WorkWatch } from '../../ground/health/work-watch.ts'
import type { KeyRing } from '../../ground/links/key-ring.ts'
import type { Link } from '../../ground/links/token.ts'
import type { LinkPage } from '../../ground/metrics/meter.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type Click, writeClicks } from './write-clicks.ts'

export interface ClickRecorderDeps {
  readonly state: Database<StateTables>
  readonly keys: KeyRing
  readonly clock: () => number
  readonly works: WorkWatch
  readonly log: Logger
}

/** A request to a link of a digest. */
export interface LinkRequest {
  readonly page: LinkPage
  readonly method: string
  /** As received. A request whose token does not verify is not recorded. */
  readonly token: string
}

/** Records which links are fetched when, so that an admin can see how many machines read digests. */
export interface ClickRecorder extends AsyncDisposable {
  /** Only verifies the signature while the request is served; the writing comes later. Never throws, never waits. */
  recordClick(request: LinkRequest): void
}

/** Writes the clicks of each second together, so that a scanner's burst of requests takes only a few statements. */
export function createClickRecorder(deps: ClickRecorderDeps): ClickRecorder {
  let waiting: Click[] = []
  let lost = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const write = async () => {
    const clicks = waiting
    const missed = lost
    waiting = []
    lost = 0
    timer = undefined
    try {
      await deps.works.run('recording', 'clicks', () => writeClicks(deps.state, clicks))
      if (missed > 0)
        deps.log.warn({ clicks: missed }, 'clicks were not recorded: there were too many at once')
    } catch (error) {
      deps.log.warn({ err: error, clicks: clicks.length + missed }, 'clicks could not be recorded')
    }
  }
  const writeNext = () => {
    writing = writing.then(write)
    return writing
  }
  return {
    recordClick({ page, method, token }) {
      const link = linkOf(deps, page, token)
      if (!link) return
      if (waiting.length >= MOST_WAITING) lost += 1
      else waiting.push({ at: deps.clock(), page, method, link })
      timer ??= setTimeout(() => void writeNext(), WRITE_AFTER).unref()
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer)
      await (waiting.length > 0 ? writeNext() : writing)
    },
  }
}

const WRITE_AFTER = SECOND

/** The maximum number of clicks kept for one write, about a megabyte. */
const MOST_WAITING = 5_000

function linkOf({ keys, clock }: ClickRecorderDeps, page: LinkPage, token: string): Link | undefined {
  try {
    return keys.verify(token, page, clock())
  } catch {
    return undefined
  }
}
