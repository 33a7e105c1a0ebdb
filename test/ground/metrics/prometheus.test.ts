import perfHooks from 'node:perf_hooks'
import { expect, test, vi } from 'vitest'
import { MINUTE } from '../../../src/ground/durations.ts'
import { CodedError } from '../../../src/ground/errors.ts'
import { createPrometheus, type PrometheusDeps } from '../../../src/ground/metrics/prometheus.ts'
import type { StateFigures } from '../../../src/ground/metrics/state-figures.ts'
import { VERSION } from '../../../src/ground/version.ts'
import { manualClock, NOW } from '../../embedded/clock.ts'
import { samplesOf } from './samples.ts'

const FIGURES: StateFigures = {
  digests: { pending: 3, failed: 1 },
  releases: { releasing: 1, queued: 2, failed: 4, uncertain: 5 },
  itemsWaiting: 7,
  unlisted: 3,
  requestsWaiting: 2,
  oldestRequestAt: NOW - 45_000,
  oldestPendingAt: undefined,
  runsFinishedAt: new Map(),
}

test('all counts are exported as 0 before anything has happened', async () => {
  const { samples } = await scraped()
  for (const outcome of ['sent', 'empty', 'refused', 'deferred', 'unreachable', 'given-up']) {
    expect(samples.get(`amavis_digest_deliveries_total{outcome="${outcome}"}`)).toBe(0)
  }
  for (const outcome of ['released', 'queued', 'failed', 'uncertain']) {
    expect(samples.get(`amavis_digest_releases_total{outcome="${outcome}"}`)).toBe(0)
  }
  for (const page of ['release', 'digest', 'preferences']) {
    for (const kind of ['GET', 'HEAD', 'POST', 'prefetch']) {
      expect(samples.get(`amavis_digest_link_requests_total{page="${page}",kind="${kind}"}`)).toBe(0)
    }
  }
  expect(samples.get('amavis_digest_held_mails_collected_total')).toBe(0)
  expect(samples.get('amavis_digest_retries_total{what="digest"}')).toBe(0)
  expect(samples.get('amavis_digest_retries_total{what="release"}')).toBe(0)
})

test('everything that the use-cases report is counted and timed', async () => {
  const { prometheus, scrape } = await scraped()
  const { meter } = prometheus
  meter.collected(40)
  meter.collected(2)
  meter.delivered('sent', 0.4)
  meter.delivered('sent', 4000)
  meter.delivered('given-up', 86_400)
  meter.released('released', 0.07)
  meter.released('uncertain', 30)
  meter.retried('digest')
  meter.retried('release')
  meter.retried('release')
  meter.linkRequested('release', 'POST')
  meter.linkRequested('preferences', 'prefetch')
  const samples = await scrape()
  const figure = (name: string) => samples.get(`amavis_digest_${name}`)
  expect(figure('held_mails_collected_total')).toBe(42)
  expect(figure('deliveries_total{outcome="sent"}')).toBe(2)
  expect(figure('deliveries_total{outcome="given-up"}')).toBe(1)
  expect(figure('delivery_duration_seconds_sum{outcome="sent"}')).toBe(4000.4)
  expect(figure('delivery_duration_seconds_bucket{le="0.5",outcome="sent"}')).toBe(1)
  expect(figure('delivery_duration_seconds_bucket{le="3600",outcome="sent"}')).toBe(1)
  expect(figure('delivery_duration_seconds_bucket{le="14400",outcome="sent"}')).toBe(2)
  expect(figure('releases_total{outcome="released"}')).toBe(1)
  expect(figure('releases_total{outcome="uncertain"}')).toBe(1)
  expect(figure('release_duration_seconds_bucket{le="0.1",outcome="released"}')).toBe(1)
  expect(figure('retries_total{what="digest"}')).toBe(1)
  expect(figure('retries_total{what="release"}')).toBe(2)
  expect(figure('link_requests_total{page="release",kind="POST"}')).toBe(1)
  expect(figure('link_requests_total{page="preferences",kind="prefetch"}')).toBe(1)
})

test('a clock that was set back while a digest waited leads to no negative time', async () => {
  const { prometheus, scrape } = await scraped()
  prometheus.meter.delivered('sent', -5)
  expect((await scrape()).get('amavis_digest_delivery_duration_seconds_sum{outcome="sent"}')).toBe(0)
})

test('a scrape shows what the tables, the queue, the parts and the pools say', async () => {
  const time = manualClock()
  const { samples } = await scraped({
    clock: time.clock,
    figures: async () => ({
      ...FIGURES,
      oldestPendingAt: time.now - 90_000,
      runsFinishedAt: new Map([['daily', 1_700_000_000_500]]),
    }),
    queue: async kind => (kind === 'digest' ? 11 : 12),
    parts: async () => [
      { part: 'state', code: undefined },
      { part: 'smtp', code: 'SMTP_UNREACHABLE' },
      { part: 'amavisd', host: 'mx1.example.com', code: undefined },
    ],
    pools: () => ({ storage: { size: 10, idle: 4, waiting: 2 } }),
  })
  expect(own(samples, /^(digests|releases|items|requests|oldest|last|queue|up|database)/)).toEqual({
    'digests{state="pending"}': 3,
    'digests{state="failed"}': 1,
    'releases{state="releasing"}': 1,
    'releases{state="queued"}': 2,
    'releases{state="failed"}': 4,
    'releases{state="uncertain"}': 5,
    items_waiting: 7,
    requests_waiting: 2,
    requests_oldest_seconds: 45,
    oldest_undelivered_seconds: 90,
    'last_run_finished_timestamp_seconds{schedule="daily"}': 1_700_000_000.5,
    'queue_jobs{kind="digest"}': 11,
    'queue_jobs{kind="release"}': 12,
    'up{part="state"}': 1,
    'up{part="smtp"}': 0,
    'up{part="amavisd",host="mx1.example.com"}': 1,
    'database_connections{role="storage",use="busy"}': 6,
    'database_connections{role="storage",use="idle"}': 4,
    'database_waiting{role="storage"}': 2,
  })
})

test('while the oldest undelivered digest is not due yet, nothing is late', async () => {
  const time = manualClock()
  const figures = async () => ({ ...FIGURES, oldestPendingAt: time.now + MINUTE })
  const { samples } = await scraped({ clock: time.clock, figures })
  expect(samples.get('amavis_digest_oldest_undelivered_seconds')).toBe(0)
})

test('with nothing left to deliver, the oldest undelivered digest is 0 seconds old', async () => {
  const { samples } = await scraped()
  expect(samples.get('amavis_digest_oldest_undelivered_seconds')).toBe(0)
})

test('while the database is down, a scrape shows what the process knows and no stale figures', async () => {
  const time = manualClock()
  let isDown = false
  const { prometheus, scrape } = await scraped({
    clock: time.clock,
    figures: async () => {
      if (isDown) throw new CodedError('DATABASE_UNREACHABLE', 'no connection to 192.0.2.1:3306')
      return { ...FIGURES, runsFinishedAt: new Map([['daily', 1]]) }
    },
    parts: async () => [{ part: 'state', code: isDown ? 'DATABASE_UNREACHABLE' : undefined }],
  })
  prometheus.meter.collected(5)
  isDown = true
  time.now += 5_000
  const samples = await scrape()
  expect(samples.get('amavis_digest_up{part="state"}')).toBe(0)
  expect(samples.get('amavis_digest_held_mails_collected_total')).toBe(5)
  expect(own(samples, /^(digests|releases|items|oldest|last)/)).toEqual({})
})

test('all scrapes within five seconds share one look at the tables', async () => {
  const time = manualClock()
  let reads = 0
  const figures = async () => {
    reads += 1
    return FIGURES
  }
  const { scrape } = await scraped({ clock: time.clock, figures })
  await Promise.all([scrape(), scrape()])
  time.now += 4_999
  await scrape()
  expect(reads).toBe(1)
  time.now += 1
  await Promise.all([scrape(), scrape()])
  expect(reads).toBe(2)
})

test('a schedule’s name stays within its quotes, whatever characters it has', async () => {
  const name = 'a"} 1\nfoo{x="\\'
  const { text } = await scraped({
    figures: async () => ({ ...FIGURES, runsFinishedAt: new Map([[name, 1000]]) }),
  })
  const line = String.raw`amavis_digest_last_run_finished_timestamp_seconds{schedule="a\"} 1\nfoo{x=\"\\"} 1`
  expect(text.split('\n')).toContain(line)
})

test('each metric has a help text, a type and a unique name; our own have our prefix', async () => {
  const { prometheus } = await scraped()
  const { text, contentType } = await prometheus.page()
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  const helped = [...text.matchAll(/^# HELP (\S+) .{10,}$/gm)].map(([, name]) => name)
  const typed = [...text.matchAll(/^# TYPE (\S+) (counter|gauge|histogram)$/gm)].map(([, name]) => name)
  expect(typed).toEqual(helped)
  expect(new Set(typed).size).toBe(typed.length)
  for (const name of typed) expect(name).toMatch(/^(?:amavis_digest|process|nodejs)_[a-z0-9_]+$/)
  expect(typed).toContain('process_resident_memory_bytes')
  expect(typed).toContain('process_cpu_seconds_total')
  expect(typed).toContain('nodejs_eventloop_lag_p99_seconds')
})

test('the event loop is watched once somebody asks for metrics, and not before: that would wake an idle service', async () => {
  const watched = vi.spyOn(perfHooks, 'monitorEventLoopDelay')
  const prometheus = createPrometheus({
    parts: async () => [],
    figures: async () => FIGURES,
    queue: undefined,
    pools: () => ({}),
    smtp: () => ({ open: 0, allowed: 1 }),
    clock: () => NOW,
  })
  expect(watched).not.toHaveBeenCalled()
  const first = samplesOf((await prometheus.page()).text)
  await prometheus.page()
  expect(watched).toHaveBeenCalledOnce()
  expect(first.get('nodejs_eventloop_lag_min_seconds')).toBeLessThan(10)
  expect(first.get('nodejs_eventloop_lag_mean_seconds')).toBeGreaterThan(0)
})

test('all counters, and nothing else, are named _total', async () => {
  const { prometheus } = await scraped()
  const { text } = await prometheus.page()
  const typed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }))
  expect(typed.filter(({ type }) => type === 'counter').length).toBeGreaterThan(5)
  for (const { name, type } of typed) expect(name.endsWith('_total'), name).toBe(type === 'counter')
})

test('the version is a label of build_info', async () => {
  const { samples } = await scraped()
  const labels = `version="${VERSION}",node_version="${process.versions.node}"`
  expect(samples.get(`amavis_digest_build_info{${labels}}`)).toBe(1)
})

/** Creates a registry, and returns it with the result of its first scrape. */
async function scraped(deps: Partial<PrometheusDeps> = {}) {
  const prometheus = createPrometheus({
    parts: async () => [],
    figures: async () => FIGURES,
    queue: undefined,
    pools: () => ({}),
    smtp: () => ({ open: 0, allowed: 10 }),
    clock: manualClock().clock,
    ...deps,
  })
  const { text } = await prometheus.page()
  const scrape = async () => samplesOf((await prometheus.page()).text)
  return { prometheus, scrape, text, samples: samplesOf(text) }
}

/** The samples whose names, without our prefix, match the pattern. */
const own = (samples: ReadonlyMap<string, number>, pattern: RegExp) =>
  Object.fromEntries(
    [...samples]
      .map(([name, value]) => [name.replace('amavis_digest_', ''), value] as const)
      .filter(([name]) => pattern.test(name) && !/_total\b/.test(name)),
  )
