import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { ExpiringCache } from '../concurrency/expiring-cache.ts'
import { once } from '../concurrency/once.ts'
import type { PoolFigures } from '../database/database.ts'
import { SECOND } from '../durations.ts'
import type { PartState } from '../health/part-state.ts'
import { withTimeLimit } from '../health/time-limit.ts'
import type { JobKind } from '../queue/queue.ts'
import { VERSION } from '../version.ts'
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
  /**
   * All metrics, in the text format of Prometheus. Those of this process (memory, processor and event loop) have the
   * names that all exporters use. The first page begins to measure them: that wakes the process twenty times a second,
   * which would be half of what it costs while it is idle.
   */
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
  showBuild(registry)
  const snapshots = new ExpiringCache<Snapshot>(1)
  const snapshot = () =>
    snapshots.get('snapshot', { now: deps.clock(), keep: KEPT }, () => takeSnapshot(deps))
  const watchProcess = once(async () => {
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: RESOLUTION })
    for (const name of NO_COUNTERS) registry.removeSingleMetric(name)
    // Before the second look at the event loop, its delays would be no numbers.
    await wait(2.5 * RESOLUTION)
  })
  return {
    meter,
    async page() {
      await watchProcess()
      show(await snapshot(), deps.clock())
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

/** Milliseconds between two looks at the event loop. */
const RESOLUTION = 50

/** Joins its labels to other figures: `… * on (instance) group_left (version) amavis_digest_build_info`. */
function showBuild(registry: Registry): void {
  new Gauge({
    name: `${PREFIX}build_info`,
    help: 'The version of amavis-digest and of Node; always 1.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  }).set({ version: VERSION, node_version: process.versions.node }, 1)
}

/** Gauges of prom-client that are named like counters. Those without `_total` have the same figures, by type. */
const NO_COUNTERS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

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
