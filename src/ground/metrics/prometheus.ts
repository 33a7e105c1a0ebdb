import { collectDefaultMetrics, Registry } from 'prom-client'
import { ExpiringCache } from '../concurrency/expiring-cache.ts'
import type { PoolFigures } from '../database/database.ts'
import { SECOND } from '../durations.ts'
import type { PartState } from '../health/part-state.ts'
import { withTimeLimit } from '../health/time-limit.ts'
import type { JobKind } from '../queue/queue.ts'
import { createGauges, type Sight } from './gauges.ts'
import type { Meter } from './meter.ts'
import { PREFIX } from './prefix.ts'
import { createPrometheusMeter } from './prometheus-meter.ts'
import type { StateFigures } from './state-figures.ts'

/** Where a scrape looks. Each may reject: what it would have told is left out then. */
export interface PrometheusDeps {
  readonly parts: () => Promise<readonly PartState[]>
  readonly figures: () => Promise<StateFigures>
  /** Undefined where the work is not brought by a queue. */
  readonly queue: ((kind: JobKind) => Promise<number>) | undefined
  readonly pools: () => Readonly<Record<string, PoolFigures>>
  readonly clock: () => number
}

export interface Prometheus {
  readonly meter: Meter
  /** Begins to watch this process's memory, processor and event loop. */
  watchProcess(): void
  /** All metrics, in the text format of Prometheus. */
  page(): Promise<MetricsPage>
}

export interface MetricsPage {
  readonly contentType: string
  readonly text: string
}

/** Metrics on a registry of their own. None of them holds an address of anybody. */
export function createPrometheus(deps: PrometheusDeps): Prometheus {
  const registry = new Registry()
  const meter = createPrometheusMeter(registry)
  const show = createGauges(registry)
  const looks = new ExpiringCache<Sight>(1)
  const look = () => looks.get('sight', { now: deps.clock(), keep: KEPT }, () => lookAround(deps))
  return {
    meter,
    watchProcess: () =>
      collectDefaultMetrics({ register: registry, prefix: PREFIX, eventLoopMonitoringPrecision: 50 }),
    async page() {
      show(await look(), deps.clock())
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

/** Milliseconds for which a look at the tables serves all who ask. */
const KEPT = 5 * SECOND

async function lookAround(deps: PrometheusDeps): Promise<Sight> {
  const known = <T>(work: Promise<T>) => withTimeLimit(work).catch(() => undefined)
  const [parts, state, queue] = await Promise.all([
    known(deps.parts()),
    known(deps.figures()),
    deps.queue && known(depths(deps.queue)),
  ])
  return { parts: parts ?? [], state, queue, pools: deps.pools() }
}

async function depths(of: (kind: JobKind) => Promise<number>): Promise<Record<JobKind, number>> {
  const [digest, release] = await Promise.all([of('digest'), of('release')])
  return { digest, release }
}
