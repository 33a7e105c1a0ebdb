import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { gatherCalls } from '../../ground/concurrency/gather-calls.ts'
import { keepLooking } from '../../ground/concurrency/keep-looking.ts'
import { type Repeated, repeat } from '../../ground/concurrency/repeat.ts'
import type { Config } from '../../ground/config/schema.ts'
import { HOUR, MINUTE, SECOND } from '../../ground/durations.ts'
import { CodedError } from '../../ground/errors.ts'
import { collectGarbage, compileAsUsual } from '../../ground/heap.ts'
import type { App } from '../app.ts'
import type { HttpServer } from '../http/server.ts'
import type { Systemd } from './systemd.ts'
import { tellOfFindings } from './tell-of-findings.ts'
import { startTicking } from './ticker.ts'
import { whenDatabasesAnswer } from './when-databases-answer.ts'

export interface ServiceDeps {
  readonly app: App
  readonly config: Config
  readonly log: Logger
  readonly clock: () => number
  readonly systemd?: Systemd
  /** Whether what `doctor` finds is logged; not for the demo, whose sample mail is odd on purpose. */
  readonly tellsFindings?: boolean
  /** Called once the service collects, follows its schedules, delivers and answers. */
  readonly onReady?: (http: HttpServer) => void
}

/**
 * Collects, runs schedules, delivers, retries and answers HTTP until the signal is aborted, then finishes the work in
 * hand. If a database is unreachable at the start, it waits for it and answers 503 meanwhile.
 *
 * @throws CodedError when it cannot start: a wrong setting, tables that are not migrated, a port that is taken
 */
export async function serve(deps: ServiceDeps, stop: AbortSignal): Promise<void> {
  const { app, config, log } = deps
  // Ends the loops however the service ends, so that none of them outlives the app that it works on.
  using ending = abortAtEnd()
  const signal = AbortSignal.any([stop, ending.signal])
  await app.prepare()
  const awaited: Repeated[] = []
  const wakeAwaited = gatherCalls(AWAITED_WOKEN_EVERY, () => {
    for (const { wake } of awaited) wake()
  })
  await using http = await app.startHttp(stop, wakeAwaited)
  deps.systemd?.ready('answering HTTP')
  log.info({ port: http.port, publicUrl: config.publicUrl }, 'listening')
  let next = {}
  const prepared = async () => {
    await app.check()
    await app.checkPurge()
    await app.seedSchedules()
    await tellOfIgnored(deps)
    next = await app.nextRuns()
  }
  if (!(await whenDatabasesAnswer(prepared, log, signal))) return
  const logFailure = (task: string) => (error: unknown) =>
    log.error({ err: error }, `${task} failed and will be tried again`)
  const logPurgeFailure = occasionalLog(log, 'purging failed and will be tried again')
  const logSweepFailure = occasionalLog(log, 'looking for due work failed and will be tried again')
  const deliveries = keepLooking(
    () => sweep(deps, logSweepFailure),
    SWEEP_EVERY,
    signal,
    logFailure('looking for due work'),
  )
  const resets = repeat(
    () => app.resetFutureTimes(),
    RESET_EVERY,
    signal,
    logFailure('taking back times in the future'),
  )
  const runs = repeat(
    () => makeDueRuns(deps, signal, () => deliveries.wake()),
    CHECK_EVERY,
    signal,
    logFailure('checking the schedules'),
  )
  await using _ticking = startTicking(() => runs.wake())
  const collector = repeat(
    () => collect(deps, signal),
    config.collect.every,
    signal,
    logFailure('collecting'),
  )
  const placing = keepLooking(
    () => app.placeAnew(signal),
    PLACE_EVERY,
    signal,
    logFailure('placing waiting messages anew'),
  )
  const bulks = keepLooking(
    () => workOnBulks(deps, signal),
    BULKS_CHECKED_EVERY,
    signal,
    occasionalLog(log, 'releasing or deleting several messages failed and goes on'),
  )
  const requests = keepLooking(
    () => app.sweepRequests(signal),
    REQUESTS_SWEPT_EVERY,
    signal,
    occasionalLog(log, 'looking after requests failed and will be tried again'),
  )
  awaited.push(deliveries, bulks, requests)
  const purging = config.purge.enabled
    ? repeat(() => purge(deps, signal), PURGE_CHECKED_EVERY, signal, logPurgeFailure)
    : undefined
  const tidying = repeat(() => app.tidy(), TIDY_EVERY, signal, logFailure('deleting old rows'))
  // With Redis, workers do the jobs.
  const jobs = config.queue.kind === 'in-process' ? app.doJobs(signal) : undefined
  log.info({ next }, 'ready')
  const told =
    (deps.tellsFindings ?? true)
      ? tellOfFindings(deps, signal)
          .catch(logFailure('looking for what is wrong'))
          .then(() => afterRest(collectGarbage, signal))
      : undefined
  deps.onReady?.(http)
  const started = afterRest(endStart, signal)
  await Promise.all([
    deliveries.ended,
    resets.ended,
    runs.ended,
    collector.ended,
    placing.ended,
    bulks.ended,
    requests.ended,
    tidying.ended,
    purging?.ended,
    jobs,
    told,
    started,
    waitForReadyz(signal),
  ])
}

/** Until then, what a start or doctor has used is still in use: collected at once, doctor would leave 5 MB behind. */
const afterRest = (clean: () => void, signal: AbortSignal): Promise<void> =>
  wait(REST, undefined, { signal }).then(clean, () => undefined)

/** So long it takes until everything that a start does has been done. */
const REST = 8 * SECOND

function endStart(): void {
  compileAsUsual()
  collectGarbage()
}

/** Says what an admin may believe to be in force, and is not. */
async function tellOfIgnored({ app, log }: ServiceDeps): Promise<void> {
  await app.tellOfLostKeys()
  for (const warning of app.promiseWarnings()) log.warn(warning)
  const differing = await app.differingSchedules()
  if (differing.length === 0) return
  const schedules = differing.map(({ name }) => name)
  log.warn({ schedules, commands: differing.map(({ command }) => command) }, IGNORED_SCHEDULES)
}

const IGNORED_SCHEDULES =
  'these schedules of the configuration were changed or added after the first start, and are ignored: the table of schedules counts. The commands change it'

function abortAtEnd(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() }
}

/** Gives a load balancer time to see the stop at /readyz, even when no work is in hand. */
async function waitForReadyz(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
  await wait(STOP_SHOWN_FOR)
}

/** Milliseconds. */
const STOP_SHOWN_FOR = 500

/** Requests wake the loops that do what people have begun, at most once in so many milliseconds. */
const AWAITED_WOKEN_EVERY = SECOND

/** Between two looks for due work. A run that was made starts one at once. */
const SWEEP_EVERY = { busy: 2 * SECOND, idle: 6 * SECOND }

/** Milliseconds between two looks for times that a clock has written which ran ahead: they are seven statements. */
const RESET_EVERY = 20 * SECOND

/** Milliseconds between two checks of the schedules if the ticker fails. */
const CHECK_EVERY = 30 * SECOND

/** Between two looks whether waiting messages have to be placed anew: most directories ask for it once an hour. */
const PLACE_EVERY = { busy: 5 * SECOND, idle: 30 * SECOND }

/** Between two looks after requests: what an admin allows is released at once, and the reader told by this. */
const REQUESTS_SWEPT_EVERY = { busy: SECOND, idle: 10 * SECOND }

/** Milliseconds between two deletions of old rows. */
const TIDY_EVERY = HOUR

/** Milliseconds between two looks whether it is time to purge. */
const PURGE_CHECKED_EVERY = 20 * SECOND

/** Between two looks whether somebody has begun, in another process, to release or delete several messages. */
const BULKS_CHECKED_EVERY = { busy: SECOND, idle: 3 * SECOND }

async function workOnBulks({ app }: ServiceDeps, signal: AbortSignal): Promise<boolean> {
  let hasWorked = false
  while ((await app.workOnBulks(signal)) && !signal.aborted) hasWorked = true
  return hasWorked
}

async function purge({ app, log }: ServiceDeps, signal: AbortSignal): Promise<void> {
  const result = await app.purgeWhenDue(signal)
  if (result) log.info({ ...result }, result.isPartial ? 'purge stopped; it continues' : 'purge made')
}

async function collect({ app, log }: ServiceDeps, signal: AbortSignal): Promise<void> {
  const added = await app.collectUnnoticed(signal)
  if (added > 0) log.info({ items: added }, 'held mail collected')
}

/**
 * Ends expired work before it offers due work. A step that fails does not hold up the others.
 *
 * @returns whether any has found something
 */
async function sweep({ app }: ServiceDeps, logFailure: (error: unknown) => void): Promise<boolean> {
  let found = 0
  for (const step of [app.endOrphans, app.expireDigests, app.markInAmavis, app.offerDue])
    found += (await step().catch(logFailure)) ?? 0
  return found > 0
}

/** Logs a failure that recurs every few seconds only once in a while. */
function occasionalLog(log: Logger, message: string): (error: unknown) => void {
  const loggedAt = new Map<string, number>()
  return error => {
    const reason = error instanceof Error ? error.message : String(error)
    const now = performance.now()
    if (now - (loggedAt.get(reason) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY) return
    loggedAt.set(reason, now)
    log.error(error instanceof CodedError ? { reason } : { err: error }, message)
  }
}

const LOG_EVERY = MINUTE

/** A run that breaks off does not hold up the others. It is still due at the next check, and continues then. */
async function makeDueRuns(
  { app, log }: ServiceDeps,
  signal: AbortSignal,
  onMade: () => void,
): Promise<void> {
  for (const due of await app.dueRuns()) {
    if (signal.aborted) return
    const { schedule, timeZones } = due
    try {
      const made = await app.run({ ...due, readers: undefined, byClock: true, signal })
      const dueAt = new Date(due.dueAt).toISOString()
      const message = made.off ? 'run ended: its schedule is off or was removed' : 'run made'
      if (!made.elsewhere) log.info({ schedule, timeZones, dueAt, ...made }, message)
    } catch (error) {
      log.error({ err: error, schedule }, 'run broke off; it continues at the next check')
    }
    onMade()
  }
}
