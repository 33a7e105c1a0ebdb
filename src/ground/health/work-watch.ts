import { SECOND } from '../durations.ts'
import { CodedError, type ErrorCode } from '../errors.ts'
import type { PartState } from './part-state.ts'

/** The work that goes on without anybody who would notice that it fails, by the name that /readyz gives it. */
export const WORKS = [
  'collecting',
  'making runs',
  'sending',
  'releasing',
  'recording',
  'purging',
  'tidying',
] as const

export type Work = (typeof WORKS)[number]

/** Notices when work fails. A database may answer each question and still refuse what the work has to write. */
export interface WorkWatch {
  /**
   * Does a task, and records whether it failed. The outcome is passed on.
   *
   * @param task tells the tasks of one work apart, because the success of one says nothing about the others
   */
  run<T>(work: Work, task: string, perform: () => Promise<T>): Promise<T>
  /**
   * Records that a task failed. That a part could not be reached is left to the part itself, which knows when it is
   * back.
   */
  failed(work: Work, task: string, error: unknown): void
  /** Records that a task succeeded. */
  succeeded(work: Work, task: string): void
  /** Each work, with the code of its latest failure if that was lately and the same task has not succeeded since. */
  states(): PartState[]
}

/** @param clock a monotonic clock, in milliseconds */
export function createWorkWatch(clock: () => number): WorkWatch {
  const failures = new Map<string, Failure>()
  const key = (work: Work, task: string) => `${work}/${task}`
  const watch: WorkWatch = {
    async run(work, task, perform) {
      try {
        const result = await perform()
        watch.succeeded(work, task)
        return result
      } catch (error) {
        watch.failed(work, task, error)
        throw error
      }
    },
    failed(work, task, error) {
      const code = error instanceof CodedError ? error.code : 'INTERNAL'
      if (TOLD_BY_PARTS.includes(code)) return
      failures.delete(key(work, task))
      failures.set(key(work, task), { work, code, at: clock() })
    },
    succeeded: (work, task) => void failures.delete(key(work, task)),
    states() {
      for (const [task, { at }] of failures) if (clock() - at >= LATELY) failures.delete(task)
      const latest = new Map([...failures.values()].map(({ work, code }) => [work, code]))
      return WORKS.map(part => ({ part, code: latest.get(part) }))
    },
  }
  return watch
}

interface Failure {
  readonly work: Work
  readonly code: ErrorCode
  readonly at: number
}

const TOLD_BY_PARTS: readonly ErrorCode[] = ['DATABASE_UNREACHABLE', 'QUEUE_UNREACHABLE', 'SMTP_UNREACHABLE']

/** Milliseconds. The work of the loops is tried again within a third of that. */
const LATELY = 60 * SECOND
