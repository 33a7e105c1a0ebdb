import { collectDefaultMetrics, Registry } from 'prom-client'
import { ExpiringCache } from '../concurrency/expiring-cache.ts'
import type { PoolFigures } from '../database/database.ts'
import { SECOND } from '../durations.ts'
import type { PartState } from '../health/part-state.ts'
import { withTimeLimit } from '../health/time-limit.ts'
import type { JobKind } from '../queue/queue.ts'
import { createGauges, type SmtpConnections, type Snapshot } from './gauges.ts'
import type { Meter } from './meter.ts'
import { PREFIX } from './prefix.ts'
import { createPrometheusMeter } from './prometheus-meter.ts'
import type { StateFigures } from './state-figures.ts'

/** The sources of a scrape. Each may reject: its figures are then left out. */
export interface PrometheusDeps {
  readonly parts: () => Promise<readonly PartState[]>
  readonly figures: () => Promise<StateFigures>
  /** Undefined when the work does not come through a queue. */
  readonly queue: ((kind: JobKind) => Promise<number>) | undefined
  readonly pools: () => Readonly<Record<string, PoolFigures>>
  readonly smtp: () => SmtpConnections
  readonly clock: () => number
}

export interface Prometheus {
  readonly meter: Meter
  /** Begins to measure this process's memory, processor and event loop. */
  watchProcess(): void
  /** All metrics, in the text format of Prometheus. */
  page(): Promise<MetricsPage>
}

export interface MetricsPage {
  readonly contentType: string
  readonly text: string
}

/** Metrics in their own registry. None of them contains anybody's address. */
export function createPrometheus(deps: PrometheusDeps): Prometheus {
  const registry = new Registry()
  const meter = createPrometheusMeter(registry)
  const show = createGauges(registry)
  const snapshots = new ExpiringCache<Snapshot>(1)
  const snapshot = () =>
    snapshots.get('snapshot', { now: deps.clock(), keep: KEPT }, () => takeSnapshot(deps))
  return {
    meter,
    watchProcess: () =>
      collectDefaultMetrics({ register: registry, prefix: PREFIX, eventLoopMonitoringPrecision: 50 }),
    async page() {
      show(await snapshot(), deps.clock())
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

/** How long a snapshot is reused, in milliseconds. */
const KEPT = 5 * SECOND

async function takeSnapshot(deps: PrometheusDeps): Promise<Snapshot> {
  const ifKnown = <T>(work: Promise<T>) => withTimeLimit(work).catch(() => undefined)
  const [parts, state, queue] = await Promise.all([
    ifKnown(deps.parts()),
    ifKnown(deps.figures()),
    deps.queue && ifKnown(depths(deps.queue)),
  ])
  return { parts: parts ?? [], state, queue, pools: deps.pools(), smtp: deps.smtp() }
}

async function depths(depthOf: (kind: JobKind) => Promise<number>): Promise<Record<JobKind, number>> {
  const [digest, release] = await Promise.all([depthOf('digest'), depthOf('release')])
  return { digest, release }
}
