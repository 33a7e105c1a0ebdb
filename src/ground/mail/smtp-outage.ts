import { setTimeout as wait } from 'node:timers/promises'
import { MINUTE, SECOND } from '../durations.ts'
import { backOff } from '../retry/back-off.ts'
import type { Mailer } from './mailer.ts'

/** Whether the SMTP server is down, and when to probe it next. One for each process. */
export interface SmtpOutage {
  /** Records that the server could not be reached. */
  began(): void
  /** False while the server is down. Probes it when a probe is due; callers at the same time share one probe. */
  isOver(): Promise<boolean>
  /** Resolves when the server is up, or when the signal is aborted. */
  waitUntilOver(signal: AbortSignal): Promise<void>
}

/**
 * A server that is down is probed at growing intervals and gets no mail meanwhile. Pending mail is sent once the server
 * is back, and costs nothing until then.
 *
 * @param clock a monotonic clock, in milliseconds
 * @param random for jitter: from 0 to 1
 */
export function createSmtpOutage(mailer: Mailer, clock: () => number, random: () => number): SmtpOutage {
  let probes = 0
  let nextProbeAt: number | undefined
  let probing: Promise<boolean> | undefined

  const scheduleProbe = () => {
    probes += 1
    nextProbeAt = clock() + backOff(probes, FIRST_INTERVAL, MAX_INTERVAL, random)
  }
  const probe = async () => {
    if ((await mailer.probe()) === undefined) {
      probes = 0
      nextProbeAt = undefined
      return true
    }
    scheduleProbe()
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
      if (nextProbeAt === undefined) scheduleProbe()
    },
    isOver,
    async waitUntilOver(signal) {
      while (!signal.aborted && !(await isOver())) {
        await wait(CHECK_EVERY, undefined, { signal }).catch(() => undefined)
      }
    },
  }
}

const FIRST_INTERVAL = 2 * SECOND
const MAX_INTERVAL = MINUTE
const CHECK_EVERY = 500
