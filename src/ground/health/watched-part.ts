import type { Logger } from 'pino'
import { repeat } from '../concurrency/repeat.ts'
import { SECOND } from '../durations.ts'
import type { ErrorCode } from '../errors.ts'
import type { PartState } from './part-state.ts'
import { withTimeLimit } from './time-limit.ts'

export interface WatchedPartDeps {
  readonly part: string
  /** Which one it is, if there are several of its kind. */
  readonly host?: (() => string | undefined) | undefined
  /** The state of the part while it is down, unless the fault has a code of its own. */
  readonly code: ErrorCode
  /** Checks whether the part is up. @returns the fault; undefined when it is up */
  readonly probe: () => Promise<PartFault | string | undefined>
  /** How long to go without hearing from the part before probing it, in milliseconds. */
  readonly every: number
  /** A monotonic clock, in milliseconds. */
  readonly clock: () => number
  readonly log: Logger
}

export interface PartFault {
  readonly reply: string
  readonly code: ErrorCode
}

/** A part that is too expensive to check whenever somebody asks. Its work shows that it is up. */
export interface WatchedPart {
  /** Records that the part has answered. */
  answered(): void
  /** Records that the part could not be reached. */
  notReached(reason: string, code?: ErrorCode): void
  /** Records that something went wrong that may be its fault: it is probed as soon as possible. */
  suspected(): void
  /** The last known state; the first caller waits for the first probe. */
  state(): Promise<PartState>
  /**
   * Why it cannot be used; undefined when it can.
   * @param maxAge probes it if it has not been heard from for so many milliseconds
   */
  fault(maxAge: number): Promise<string | undefined>
  /** Probes the part now, and whenever it has not been heard from for a while, until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>
}

export function createWatchedPart(deps: WatchedPartDeps): WatchedPart {
  const { part, host, code, probe, every, clock, log } = deps
  const which = () => ({ part, host: host?.() })
  let last: { readonly at: number; readonly fault: PartFault | undefined } | undefined
  let probing: Promise<void> | undefined
  let wake = () => {}

  const record = (found: PartFault | string | undefined) => {
    const fault = typeof found === 'string' ? { reply: found, code } : found
    if (fault !== undefined && last?.fault?.code !== fault.code)
      log.warn({ ...which(), ...fault }, 'a part is down')
    if (fault === undefined && last?.fault !== undefined) log.info(which(), 'a part is up again')
    last = { at: clock(), fault }
  }
  const probeOnce = () => {
    probing ??= probe()
      .catch((error: unknown) => String(error))
      .then(record)
      .finally(() => {
        probing = undefined
      })
    return probing
  }
  const probeIfOlder = async (age: number) => {
    if (!last || clock() - last.at >= age) await probeOnce()
  }
  const probeIfDue = () => probeIfOlder(last?.fault === undefined ? every : Math.min(every, RETRY_EVERY))
  return {
    answered: () => record(undefined),
    notReached: (reply, ownCode = code) => record({ reply, code: ownCode }),
    suspected() {
      // A part that is known to be down is probed often enough.
      if (!last || last.fault !== undefined) return
      last = { ...last, at: Number.NEGATIVE_INFINITY }
      wake()
    },
    async state() {
      if (!last) await withTimeLimit(probeOnce()).catch(() => undefined)
      return { ...which(), code: last ? last.fault?.code : code }
    },
    async fault(maxAge) {
      await probeIfOlder(maxAge)
      return last?.fault?.reply
    },
    watch(signal) {
      const watching = repeat(probeIfDue, Math.min(every, RETRY_EVERY), signal, () => {})
      wake = watching.wake
      return watching.ended
    },
  }
}

/** Milliseconds between two probes of a part that is down, if `every` is not shorter. */
const RETRY_EVERY = 10 * SECOND
