import type { Desk } from '../../../desks/admin/desk.ts'
import type { DigestSummary } from '../../../desks/admin/digests/find-digests.ts'
import type { KindFigures } from '../../../desks/admin/figures/overview.ts'
import type { ReleaseSummary } from '../../../desks/admin/releases/find-releases.ts'
import type { ReaderExplanation } from '../../../desks/admin/settings/explain-settings.ts'
import { DAY } from '../../../ground/durations.ts'
import { READERS_OWN, type Schedule } from '../../../rules/schedule/schedule.ts'
import { SAMPLE_MAIL } from '../../../work/digest/show/sample-view.ts'

const NOW = Date.UTC(2026, 2, 11, 6)
const reader = 'alice@example.com'

const schedule: Schedule = {
  name: 'daily',
  crons: ['0 6 * * *'],
  timeZone: READERS_OWN,
  isDefault: true,
  enabled: true,
  filter: { kinds: ['spam'], minScore: 5, maxScore: 10 },
  minMessages: 2,
  sendsEmpty: true,
  spread: 60_000,
  isOffered: true,
  version: 1,
  updatedAt: NOW,
}
const users = { readers: 2, domains: 1, everybody: true }
const details = { schedule, users, warnings: ['A warning.'] }

const digest: DigestSummary = {
  id: 'sample',
  reader,
  deliverTo: 'bob@example.net',
  copyOf: null,
  state: 'pending',
  schedule: 'daily',
  createdAt: NOW,
  finishedAt: NOW,
  attempts: 2,
  nextAttemptAt: NOW + DAY,
  leaseUntil: null,
  itemCount: 300,
  reply: '451 4.3.0 Try later',
  canaryAt: NOW,
  resent: 1,
  language: 'en',
  timeZone: 'UTC',
}

const release: ReleaseSummary = {
  heldId: 'sample',
  askedItem: 'sample',
  state: 'queued',
  requestedBy: reader,
  askedBy: reader,
  requestedAt: NOW,
  attempts: 2,
  nextAttemptAt: NOW + DAY,
  finishedAt: null,
  code: 'AMAVISD_UNREACHABLE',
  reply: 'no answer',
  reader,
  recipient: reader,
  mailId: SAMPLE_MAIL.mailId,
  digestId: digest.id,
  mail: SAMPLE_MAIL,
  offers: { retry: true, drop: true },
}

const message = {
  itemId: release.heldId,
  mailId: SAMPLE_MAIL.mailId,
  recipient: reader,
  receivedAt: NOW,
  mail: SAMPLE_MAIL,
  release,
}

const change = {
  id: 'sample',
  at: NOW,
  actorKind: 'admin',
  actor: 'postmaster@example.com',
  remoteAddress: '192.0.2.1',
  action: 'release',
  itemId: release.heldId,
  mailId: SAMPLE_MAIL.mailId,
  mail: SAMPLE_MAIL,
  digestId: digest.id,
  recipient: reader,
  outcome: 'released',
  detail: '250 2.0.0 Ok',
} as const

const explanation: ReaderExplanation = {
  scope: reader,
  own: undefined,
  schedules: { value: ['daily'], from: 'domain', scope: '@example.com' },
  language: { value: 'en', from: 'default', scope: undefined },
  timeZone: { value: 'UTC', from: 'everybody', scope: '@' },
  deliverTo: { value: 'bob@example.net', from: 'reader', scope: reader },
  pausedUntil: { value: NOW + DAY, from: 'reader', scope: reader },
  enabled: { value: true, from: 'default', scope: undefined },
  leaveOutBlocked: { value: true, from: 'reader', scope: reader },
  phrase: { value: 'The blue teapot', from: 'reader', scope: reader },
  copyTo: { value: ['deputy@example.net'], from: 'reader', scope: reader },
  locked: { value: ['deliverTo'], from: 'default', scope: undefined },
  held: [{ name: 'daily', enabled: true, next: NOW + DAY }],
  missing: ['weekly'],
  warnings: ['A warning.'],
  whyNone: undefined,
  isPaused: true,
  next: NOW + DAY,
}

const figures: KindFigures = {
  spam: 5,
  virus: 1,
  banned: 1,
  unchecked: 1,
  badHeader: 1,
  oversized: 1,
  other: 1,
}
const some = { count: 2, since: NOW }
const page = <Row>(...rows: readonly Row[]) => ({ rows, next: 'sample' })

const READING = {
  schedules: {
    list: async () => [schedule, { ...schedule, name: 'weekly', timeZone: 'UTC', filter: undefined }],
    nextRuns: async () => ({ daily: new Date(NOW).toISOString() }),
    users: async () => new Map([['daily', users]]),
    mayChange: () => true,
    requireMayChange: () => {},
    details: async () => details,
    removalDetails: async () => ({ ...details, standard: 'daily' }),
    nextTimes: () => [NOW, NOW + DAY],
    calendar: async () => [
      { schedule: 'daily', at: NOW, timeZones: ['UTC', 'Europe/Paris'], readers: 2, messages: 3 },
    ],
    comingRuns: async () => [{ schedule: 'daily', at: NOW, carries: { readers: 2, messages: 3 } }],
  },
  settings: { explain: async () => explanation },
  readers: {
    list: async () => ({
      ...page({
        reader,
        waiting: 2,
        lastDigest: { id: digest.id, createdAt: NOW, state: digest.state },
        hasSettings: true,
      }),
      cut: true,
      scopes: ['@', '@example.com'],
    }),
    waitingMail: async () => [message],
    scopesOfSchedule: async () => [],
  },
  directory: {
    known: async () => ({
      address: reader,
      readers: [{ address: 'bob@example.com', isOff: true, name: 'Bob', client: 'Example Ltd' }],
      by: [{ is: 'alias', from: reader, to: 'bob@example.com', row: 'mail_forwarding 12' }],
      outdated: undefined,
    }),
  },
  digests: {
    list: async () => page(digest),
    find: async () => ({
      digest,
      messages: [message],
      audit: [change],
      offers: { resend: true, retry: true, drop: true },
    }),
    preview: async () => undefined,
  },
  releases: { list: async () => page(release) },
  changes: { listWithMail: async () => page(change) },
  figures: {
    overview: async () => [{ day: '2026-03-11', held: figures, listed: figures, released: figures }],
    lastRun: async () => ({
      runId: 'sample',
      schedule: 'daily',
      at: NOW,
      digests: { sent: 4, pending: 1, failed: 1, empty: 1, dropped: 1 },
      messages: 12,
    }),
    releasedSenders: async () => [{ sender: 'shop@example.net', released: 2, held: 3 }],
    clicks: async () => [
      {
        domain: 'example.com',
        gets: { within10s: 1, within60s: 1, within10m: 1, later: 1 },
        posts: 1,
        canaryHits: 1,
        digests: 2,
        digestsReadByMachines: 1,
      },
    ],
  },
  stuck: {
    list: async () => ({
      waiting: some,
      digests: { putOff: some, failed: some },
      releases: { queued: some, uncertain: some, failed: some },
    }),
    retry: async () => [
      { kind: 'release', id: release.heldId, whose: reader, did: 'failed', code: 'RELEASE_UNCERTAIN' },
    ],
  },
} satisfies { readonly [Subject in keyof Desk]: Partial<Desk[Subject]> }

/** A desk on which everything that an admin's page can show is there once, to try the templates with. */
export const SAMPLE_DESK = READING as unknown as Desk
