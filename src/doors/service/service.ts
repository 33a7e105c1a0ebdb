import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { repeat } from '../../ground/concurrency/repeat.ts'
import type { Config } from '../../ground/config/schema.ts'
import { HOUR, MINUTE, SECOND } from '../../ground/durations.ts'
import { CodedError } from '../../ground/errors.ts'
import type { App } from '../app.ts'
import type { HttpServer } from '../http/server.ts'
import type { Systemd } from './systemd.ts'
import { startTicking } from './ticker.ts'
import { whenDatabasesAnswer } from './when-databases-answer.ts'

export interface ServiceDeps {
  readonly app: App
  readonly config: Config
  readonly log: Logger
  readonly clock: () => number
  readonly systemd?: Systemd
  /** Called once it collects, follows its schedules, delivers and answers. */
  readonly onReady?: (http: HttpServer) => void
}

/**
 * Collects, runs schedules, delivers, retries and answers HTTP until the signal is aborted; then finishes what is in
 * hand. While a database is away at the start it waits for it, and answers 503.
 *
 * @throws CodedError when it cannot start: a wrong setting, tables that are not migrated, a port that is taken
 */
export async function serve(deps: ServiceDeps, stop: AbortSignal): Promise<void> {
  const { app, config, log } = deps
  // Whatever ends the service ends its loops too: none of them outlives the app that it works on.
  using ending = abortAtEnd()
  const signal = AbortSignal.any([stop, ending.signal])
  await app.prepare()
  await using http = await app.startHttp(stop)
  deps.systemd?.ready('answering HTTP')
  log.info({ port: http.port, publicUrl: config.publicUrl }, 'listening')
  let next = {}
  const prepared = async () => {
    await app.check()
    await app.seedSchedules()
    next = await app.nextRuns()
  }
  if (!(await whenDatabasesAnswer(prepared, log, signal))) return
  const failed = (what: string) => (error: unknown) =>
    log.error({ err: error }, `${what} failed; it is tried again`)
  const complain = complainer(log, 'looking for what is due failed; it is tried again')
  const deliveries = repeat(
    () => sweep(deps, complain),
    SWEEP_EVERY,
    signal,
    failed('looking for what is due'),
  )
  const runs = repeat(
    () => makeDueRuns(deps, signal, () => deliveries.wake()),
    LOOK_EVERY,
    signal,
    failed('looking at the schedules'),
  )
  await using _ticking = startTicking(() => runs.wake())
  const collector = repeat(() => collect(deps), config.collect.every, signal, failed('collecting'))
  const tidying = repeat(() => app.tidy(), TIDY_EVERY, signal, failed('deleting what is old'))
  // With Redis, workers do them.
  const jobs = config.queue.kind === 'in-process' ? app.doJobs(signal) : undefined
  log.info({ next }, 'ready')
  deps.onReady?.(http)
  await Promise.all([deliveries.ended, runs.ended, collector.ended, tidying.ended, jobs, announced(signal)])
}

function abortAtEnd(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() }
}

/** Whoever looks at /readyz can see the stop coming, also where nothing is in hand. */
async function announced(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
  await wait(ANNOUNCED_FOR)
}

/** Milliseconds. */
const ANNOUNCED_FOR = 500

/** Milliseconds between two looks at what is due; runs wake it anyway. */
const SWEEP_EVERY = 2 * SECOND

/** Milliseconds between two looks at the schedules, should the clock fail to tick. */
const LOOK_EVERY = 30 * SECOND

/** Milliseconds between two looks for what has served its time. */
const TIDY_EVERY = HOUR

async function collect({ app, log }: ServiceDeps): Promise<void> {
  const added = await app.collect()
  if (added > 0) log.info({ items: added }, 'held mail collected')
}

/** What has run out is ended before what is due is offered; a failure of one thing holds up no other. */
async function sweep({ app }: ServiceDeps, complain: (error: unknown) => void): Promise<void> {
  const steps = [app.resetFutureTimes, app.endOrphans, app.expireDigests, app.markInAmavis, app.offerDue]
  for (const step of steps) await step().catch(complain)
}

/** Tells of a failure that comes again at each look once in a while. */
function complainer(log: Logger, what: string): (error: unknown) => void {
  const toldAt = new Map<string, number>()
  return error => {
    const words = error instanceof Error ? error.message : String(error)
    const now = performance.now()
    if (now - (toldAt.get(words) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY) return
    toldAt.set(words, now)
    log.error(error instanceof CodedError ? { reason: words } : { err: error }, what)
  }
}

const TELL_EVERY = MINUTE

/** A run that breaks off holds up no other one; it is due again at the next look, and goes on from there. */
async function makeDueRuns(
  { app, log }: ServiceDeps,
  signal: AbortSignal,
  whenMade: () => void,
): Promise<void> {
  for (const due of await app.dueRuns()) {
    if (signal.aborted) return
    const { schedule, timeZones } = due
    try {
      const made = await app.run({ ...due, readers: undefined, byClock: true, signal })
      const dueAt = new Date(due.dueAt).toISOString()
      const words = made.off ? 'run ended: its schedule is off or was removed' : 'run made'
      if (!made.elsewhere) log.info({ schedule, timeZones, dueAt, ...made }, words)
    } catch (error) {
      log.error({ err: error, schedule }, 'run broke off; it goes on at the next look')
    }
    whenMade()
  }
}
