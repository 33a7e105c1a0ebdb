import { setTimeout as wait } from 'node:timers/promises'
import { MINUTE, SECOND } from '../durations.ts'
import { backOff } from '../retry/back-off.ts'
import type { Mailer } from './mailer.ts'

/** Whether the SMTP server is away, and when to look for it again. One for each process. */
export interface SmtpOutage {
  /** Tells that the server could not be reached. */
  began(): void
  /** False while the server is away. Looks for it when it is time to, once for all who ask. */
  isOver(): Promise<boolean>
  /** Resolves when the server is there, or when the signal is aborted. */
  waitUntilOver(signal: AbortSignal): Promise<void>
}

/**
 * A server that is down is probed, more and more seldom, and gets no mail meanwhile: whatever waits is sent when it
 * is back, and costs nothing until then.
 *
 * @param clock milliseconds that never go back
 * @param random for jitter: from 0 to 1
 */
export function createSmtpOutage(mailer: Mailer, clock: () => number, random: () => number): SmtpOutage {
  let probes = 0
  let nextProbeAt: number | undefined
  let probing: Promise<boolean> | undefined

  const putOff = () => {
    probes += 1
    nextProbeAt = clock() + backOff(probes, FIRST_PROBE, LONGEST_PROBE, random)
  }
  const probe = async () => {
    if ((await mailer.probe()) === undefined) {
      probes = 0
      nextProbeAt = undefined
      return true
    }
    putOff()
    return false
  }
  const isOver = async () => {
    if (nextProbeAt === undefined) return true
    if (clock() < nextProbeAt) return false
    probing ??= probe().finally(() => {
      probing = undefined
    })
    return probing
  }
  return {
    began: () => {
      if (nextProbeAt === undefined) putOff()
    },
    isOver,
    async waitUntilOver(signal) {
      while (!signal.aborted && !(await isOver())) {
        await wait(LOOK_EVERY, undefined, { signal }).catch(() => undefined)
      }
    },
  }
}

const FIRST_PROBE = 2 * SECOND
const LONGEST_PROBE = MINUTE
const LOOK_EVERY = 500
