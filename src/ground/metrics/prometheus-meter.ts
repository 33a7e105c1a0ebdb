import { Counter, Histogram, type Registry } from 'prom-client'
import { HOUR, SECOND } from '../durations.ts'
import { RELEASE_RESULTS } from '../state/states.ts'
import {
  DELIVERY_OUTCOMES,
  LINK_PAGES,
  LINK_REQUEST_KINDS,
  type Meter,
  REFUSED_WHAT,
  RETRIED,
} from './meter.ts'
import { PREFIX } from './prefix.ts'

/** Counts and times what the use-cases report. All counts begin at 0, so that the first event is an increase too. */
export function createPrometheusMeter(registry: Registry): Meter {
  const registers = [registry]
  const collected = new Counter({
    name: `${PREFIX}held_mails_collected_total`,
    help: 'Held mails that became items for a digest, one for each recipient.',
    registers,
  })
  const deliveries = new Counter({
    name: `${PREFIX}deliveries_total`,
    help: 'Attempts to deliver a digest, by outcome.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const deliveryDuration = new Histogram({
    name: `${PREFIX}delivery_duration_seconds`,
    help: "Time from when a digest was due to be sent until the SMTP server's answer, by outcome.",
    labelNames: ['outcome'] as const,
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, ...[1, 4, 12, 24].map(hours => (hours * HOUR) / SECOND)],
    registers,
  })
  const releases = new Counter({
    name: `${PREFIX}releases_total`,
    help: 'Requests to amavisd to release a mail, by outcome.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const releaseDuration = new Histogram({
    name: `${PREFIX}release_duration_seconds`,
    help: 'Time from a request to amavisd until its answer, by outcome.',
    labelNames: ['outcome'] as const,
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  })
  const retries = new Counter({
    name: `${PREFIX}retries_total`,
    help: 'Repeated attempts at digests and releases after a delay.',
    labelNames: ['what'] as const,
    registers,
  })
  const linkRequests = new Counter({
    name: `${PREFIX}link_requests_total`,
    help: "Requests to readers' links, by page and kind; prefetch is what a browser or proxy fetched in advance.",
    labelNames: ['page', 'kind'] as const,
    registers,
  })
  const machineReadings = new Counter({
    name: `${PREFIX}machine_readings_total`,
    help: 'Digests whose link that no human sees was fetched.',
    registers,
  })
  const refusals = new Counter({
    name: `${PREFIX}refusals_total`,
    help: 'Requests refused to somebody who proved nothing: links that no key of ours signed, sign-ins, API keys.',
    labelNames: ['what'] as const,
    registers,
  })
  for (const outcome of DELIVERY_OUTCOMES) deliveries.inc({ outcome }, 0)
  for (const outcome of RELEASE_RESULTS) releases.inc({ outcome }, 0)
  for (const what of RETRIED) retries.inc({ what }, 0)
  for (const what of REFUSED_WHAT) refusals.inc({ what }, 0)
  for (const page of LINK_PAGES) for (const kind of LINK_REQUEST_KINDS) linkRequests.inc({ page, kind }, 0)

  return {
    collected: items => collected.inc(items),
    delivered(outcome, seconds) {
      deliveries.inc({ outcome })
      deliveryDuration.observe({ outcome }, notNegative(seconds))
    },
    released(outcome, seconds) {
      releases.inc({ outcome })
      releaseDuration.observe({ outcome }, notNegative(seconds))
    },
    retried: what => retries.inc({ what }),
    linkRequested: (page, kind) => linkRequests.inc({ page, kind }),
    machineSeen: () => machineReadings.inc(),
    refused: what => refusals.inc({ what }),
  }
}

/** If the clock was set back meanwhile, the time counts as 0. */
const notNegative = (seconds: number): number => Math.max(0, seconds)
