import type { Logger } from 'pino'
import type { Database } from '../../ground/database/database.ts'
import { SECOND } from '../../ground/durations.ts'
import type { WorkWatch } from '../../ground/health/work-watch.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { recordMarked } from './claims.ts'

export interface MarksMadeDeps {
  readonly state: Database<StateTables>
  readonly works: WorkWatch
  readonly log: Logger
}

/** Records for which releases `msgrcpt.rs` is set. */
export interface MarksMade extends AsyncDisposable {
  /** Never throws, never waits: `msgrcpt.rs` is set once more for a release of which this is not recorded. */
  add(heldId: string): void
}

/** Records those of each second in one statement: nobody waits for it. What is left is recorded at the end. */
export function createMarksMade({ state, works, log }: MarksMadeDeps): MarksMade {
  let waiting: string[] = []
  let timer: NodeJS.Timeout | undefined
  let recording: Promise<void> = Promise.resolve()

  const record = async () => {
    const heldIds = waiting
    waiting = []
    timer = undefined
    try {
      await works.run('recording', 'marks', () => recordMarked(state, heldIds))
    } catch (error) {
      const message = 'for which releases msgrcpt.rs is set could not be recorded; it is set once more'
      log.error({ err: error, releases: heldIds.length }, message)
    }
  }
  const recordNext = () => {
    recording = recording.then(record)
    return recording
  }
  return {
    add(heldId) {
      waiting.push(heldId)
      timer ??= setTimeout(() => void recordNext(), SECOND).unref()
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer)
      await (waiting.length > 0 ? recordNext() : recording)
    },
  }
}
