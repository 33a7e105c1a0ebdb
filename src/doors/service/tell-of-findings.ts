import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { MINUTE } from '../../ground/durations.ts'
import type { Examined } from '../../work/doctor/run-checks.ts'
import type { App } from '../app.ts'

export interface TellOfFindingsDeps {
  readonly app: Pick<App, 'doctor'>
  readonly log: Logger
}

/**
 * Logs what `doctor` would find wrong: at once what is quickly found, and later what takes long. Nothing waits for it,
 * not even a stop.
 *
 * @param pause milliseconds between the two looks, in which the service does the work that has piled up
 */
export async function tellOfFindings(
  { app, log }: TellOfFindingsDeps,
  signal: AbortSignal,
  pause = MINUTE,
): Promise<void> {
  if (signal.aborted) return
  const stopped = once(signal, 'abort').then(() => [])
  const tell = async (unasked: 'quick' | 'slow') =>
    logFindings(log, await Promise.race([app.doctor.examine({ unasked }), stopped]))
  await tell('quick')
  await Promise.race([wait(pause, undefined, { signal }).catch(() => undefined), stopped])
  if (!signal.aborted) await tell('slow')
}

function logFindings(log: Logger, findings: readonly Examined[]): void {
  for (const { id, status, message, fix } of findings) {
    if (status === 'warn' || status === 'fail') log.warn({ check: id, fix }, message)
  }
}
