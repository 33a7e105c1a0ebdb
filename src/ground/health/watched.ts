import type { Logger } from 'pino'
import { repeat } from '../concurrency/repeat.ts'
import { SECOND } from '../durations.ts'
import type { ErrorCode } from '../errors.ts'
import { inTime } from './in-time.ts'
import type { PartState } from './part-state.ts'

export interface WatchedDeps {
  readonly part: string
  /** What it means when the part is away. */
  readonly code: ErrorCode
  /** Whether it is there; undefined when all is well, else what is wrong. */
  readonly probe: () => Promise<string | undefined>
  /** After so many milliseconds without a sign of it the part is looked for. */
  readonly every: number
  /** Milliseconds, of a clock that nobody sets. */
  readonly clock: () => number
  readonly log: Logger
}

/** A part that costs too much to be looked at whenever somebody asks: its work shows that it is there. */
export interface Watched {
  /** It has answered. */
  seen(): void
  /** It could not be reached. */
  missed(words: string): void
  /** Something went wrong that may be its fault: it is looked for as soon as possible. */
  doubted(): void
  /** As it was seen last; the first one who asks waits for the first look. */
  state(): Promise<PartState>
  /** Looks for it now, and whenever it has not been seen for a while, until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>
}

export function createWatched({ part, code, probe, every, clock, log }: WatchedDeps): Watched {
  let last: { readonly at: number; readonly fault: string | undefined } | undefined
  let looking: Promise<void> | undefined
  let wake = () => {}

  const note = (fault: string | undefined) => {
    if (fault !== undefined && last?.fault === undefined) log.warn({ part, reply: fault }, 'a part is away')
    if (fault === undefined && last?.fault !== undefined) log.info({ part }, 'a part is back')
    last = { at: clock(), fault }
  }
  const look = () => {
    looking ??= probe()
      .catch((error: unknown) => String(error))
      .then(note)
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  const lookIfDue = async () => {
    const span = last?.fault === undefined ? every : Math.min(every, SOON)
    if (!last || clock() - last.at >= span) await look()
  }
  return {
    seen: () => note(undefined),
    missed: note,
    doubted() {
      // What is known to be away is looked for often enough.
      if (!last || last.fault !== undefined) return
      last = { ...last, at: Number.NEGATIVE_INFINITY }
      wake()
    },
    async state() {
      if (!last) await inTime(look()).catch(() => undefined)
      return { part, code: last && last.fault === undefined ? undefined : code }
    },
    watch(signal) {
      const watching = repeat(lookIfDue, Math.min(every, SOON), signal, () => {})
      wake = watching.wake
      return watching.ended
    },
  }
}

/** Milliseconds between two looks for what is away, if `every` is not shorter. */
const SOON = 10 * SECOND
