import { z } from 'zod'
import { statusJson } from '../../../../desks/admin/stuck/status-json.ts'
import type { Lot } from '../../../../desks/admin/stuck/stuck.ts'
import { KINDS } from '../../../../ground/amavis/content.ts'
import { CodedError } from '../../../../ground/errors.ts'
import { isTimeZone } from '../../../../ground/i18n/time-zone-name.ts'
import { requireAll } from '../../../../rules/reach/reach.ts'
import { component } from '../protocol/components.ts'
import { daysField, isoTimeOrNull, line, timeOrNull } from '../protocol/fields.ts'
import { operation } from '../protocol/operation.ts'
import { status } from './status-answer.ts'

const kinds = z.record(z.enum(KINDS), z.int())

const lot = z.object({
  count: z.int(),
  since: timeOrNull.describe('When the oldest one began; null: there is none.'),
})

const overview = component(
  'Overview',
  z.object({
    timezone: z.string().describe('In which a day begins.'),
    days: z.array(
      z.object({
        day: z.iso.date(),
        held: kinds,
        listed: kinds.describe('Those of them that stand in a digest that was sent.'),
        released: kinds.describe('Those of them that have been released by now, on whichever day.'),
      }),
    ),
    stuck: z
      .object({
        waiting: lot,
        digests: z.object({ putOff: lot, failed: lot.describe('Within the last 7 days.') }),
        releases: z.object({
          queued: lot,
          uncertain: lot,
          failed: lot.describe('Within the last 7 days.'),
        }),
      })
      .describe('What has not come to its end.'),
  }),
)

const clicks = component(
  'Clicks',
  z.object({
    domains: z.array(
      z.object({
        domain: z.string(),
        gets: z
          .object({ within10s: z.int(), within60s: z.int(), within10m: z.int(), later: z.int() })
          .describe('How often a page was fetched, by the time since its digest was delivered.'),
        posts: z.int(),
        canaryHits: z.int(),
        digests: z.int(),
        digestsReadByMachines: z.int(),
      }),
    ),
  }),
)

const tag = 'Figures'

export const FIGURE_OPERATIONS = [
  operation({
    method: 'get',
    path: '/overview',
    operationId: 'getOverview',
    tag,
    summary: 'Held, listed and released by day and kind, and what is stuck',
    scope: 'read',
    query: {
      days: daysField(90, 7),
      timezone: line(64)
        .optional()
        .describe('In which a day begins; default: that of readers who have set none.'),
    },
    replies: { 200: { description: "Today's figures at the end.", schema: overview } },
    handle: async ({ desk, standardTimeZone }, { query, by }) => {
      const timezone = query.timezone ?? standardTimeZone
      if (!isTimeZone(timezone))
        throw new CodedError('REQUEST_INVALID', 'Expected a time zone such as Europe/Paris.')
      const days = await desk.figures.overview(by.reach, query.days, timezone)
      const { waiting, digests, releases } = await desk.stuck.list(by.reach)
      const stuck = {
        waiting: lotJson(waiting),
        digests: { putOff: lotJson(digests.putOff), failed: lotJson(digests.failed) },
        releases: {
          queued: lotJson(releases.queued),
          uncertain: lotJson(releases.uncertain),
          failed: lotJson(releases.failed),
        },
      }
      return { body: { timezone, days, stuck } satisfies z.output<typeof overview> }
    },
  }),
  operation({
    method: 'get',
    path: '/status',
    operationId: 'getStatus',
    tag,
    summary: 'What is under way, what waits and what went wrong',
    description: 'As "amavis-digest status --json" tells it; for keys that reach all domains.',
    scope: 'read',
    query: { limit: z.int().min(1).max(1000).default(100).describe('Of the lines of each list.') },
    replies: { 200: { description: 'As it is now.', schema: status } },
    handle: async ({ desk }, { query, by }) => {
      requireAll(by.reach)
      return { body: statusJson(await desk.stuck.status(query.limit)) as object }
    },
  }),
  operation({
    method: 'get',
    path: '/clicks',
    operationId: 'getClicks',
    tag,
    summary: 'Who followed the links, by domain: people or machines',
    scope: 'read',
    query: { days: daysField(90, 30) },
    replies: { 200: { description: 'The domains with most clicks first, at most 200.', schema: clicks } },
    handle: async ({ desk }, { query, by }) => ({
      body: { domains: await desk.figures.clicks(by.reach, query) } satisfies z.output<typeof clicks>,
    }),
  }),
]

const lotJson = ({ count, since }: Lot): z.output<typeof lot> => ({ count, since: isoTimeOrNull(since) })
