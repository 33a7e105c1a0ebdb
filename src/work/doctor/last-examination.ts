import type { Doctor, Examined } from './run-checks.ts'

/** What was found, and when that was, in milliseconds since the epoch. */
export interface Examination {
  readonly at: number
  readonly found: readonly Examined[]
}

/** For a page, which shows what was found last and does not look each time. */
export interface Examinations {
  /** Undefined when nobody has looked in this process. */
  last(): Examination | undefined
  /** Looks now. Who asks meanwhile gets the same answer. */
  examine(): Promise<Examination>
}

export function keepLast(doctor: Doctor, clock: () => number): Examinations {
  let last: Examination | undefined
  let running: Promise<Examination> | undefined
  const look = async () => {
    const found = await doctor.examine()
    last = { at: clock(), found }
    return last
  }
  return {
    last: () => last,
    examine() {
      running ??= look().finally(() => {
        running = undefined
      })
      return running
    },
  }
}
