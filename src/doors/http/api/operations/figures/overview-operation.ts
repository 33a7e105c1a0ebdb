import { z } from 'zod'
import type { Stuck } from '../../../../../desks/admin/stuck/stuck.ts'
import type { ContentKind } from '../../../../../ground/amavis/content.ts'
import { CodedError } from '../../../../../ground/errors.ts'
import { expectedTimeZone, isTimeZone } from '../../../../../ground/i18n/time-zone-name.ts'
import type { CountSince } from '../../../../../work/stuck/count.ts'
import { component } from '../../protocol/components.ts'
import { count, counts, daysField, isoTimeOrNull, line, timeOrNull } from '../../protocol/fields.ts'
import { operation } from '../../protocol/operation.ts'

const kindCounts = counts<ContentKind>({
  virus: 'Messages with a virus.',
  banned: 'Messages with a banned attachment.',
  unchecked: 'Messages that amavisd could not check.',
  spam: 'Spam.',
  badHeader: 'Messages with a bad header.',
  oversized: 'Messages that are too large.',
  other: 'Messages that were held for another reason.',
})

const countSince = z.object({
  count: count.describe('How many there are.'),
  since: timeOrNull.describe('Since when the oldest is there. Null when there is none.'),
})

const day = z.object({
  day: z.iso.date().describe('The date.'),
  held: kindCounts.describe('Messages that were received on this day and held.'),
  listed: kindCounts.describe('Those of them that a sent digest lists.'),
  released: kindCounts.describe('Those of them that have been released since.'),
})

const stuckSchema = z.object({
  waiting: countSince.describe('Messages that no digest lists yet.'),
  digests: z
    .object({
      putOff: countSince.describe('Digests that are tried again later.'),
      failed: countSince.describe('Digests that failed in the last 7 days.'),
    })
    .describe('Digests that were not sent.'),
  releases: z
    .object({
      queued: countSince.describe('Releases for which amavisd is asked again.'),
      uncertain: countSince.describe("Releases for which amavisd's answer was lost."),
      failed: countSince.describe('Releases that failed in the last 7 days.'),
    })
    .describe('Releases that did not succeed.'),
})

const NONE = { count: 0, since: null }
const NO_KINDS = { virus: 0, banned: 0, unchecked: 0, spam: 0, badHeader: 0, oversized: 0, other: 0 }

const overview = component(
  'Overview',
  z
    .object({
      timezone: z.string().describe('The time zone in which a day begins, as an IANA name.'),
      days: z.array(day).describe('The days, today last.'),
      stuck: stuckSchema.describe('Messages, digests and releases that still wait, or that failed.'),
    })
    .describe('What was held, listed and released, by day and kind.'),
  {
    timezone: 'Europe/Paris',
    days: [
      {
        day: '2026-03-11',
        held: { ...NO_KINDS, spam: 42, banned: 1 },
        listed: { ...NO_KINDS, spam: 40 },
        released: { ...NO_KINDS, spam: 2 },
      },
    ],
    stuck: {
      waiting: { count: 3, since: '2026-03-11T09:12:00.000Z' },
      digests: { putOff: NONE, failed: NONE },
      releases: { queued: NONE, uncertain: NONE, failed: NONE },
    },
  },
)

/** Figures by day, for charts. */
export const getOverview = operation({
  method: 'get',
  path: '/overview',
  operationId: 'getOverview',
  tag: 'Figures',
  summary: 'Returns what was held, listed and released by day and kind',
  description: 'Also returns what is stuck.',
  scope: 'read',
  query: {
    days: daysField(90, 7, 'How many days, today included.'),
    timezone: line(64).optional().meta({
      description:
        'The time zone in which a day begins, as an IANA name. Default: that of readers who have not set one.',
      example: 'Europe/Paris',
    }),
  },
  replies: { 200: { description: 'Returns the figures.', schema: overview } },
  handle: async ({ desk, standardTimeZone }, { query, by }) => {
    const timezone = query.timezone ?? standardTimeZone
    if (!isTimeZone(timezone))
      throw new CodedError('REQUEST_INVALID', `timezone: ${expectedTimeZone(timezone)}.`)
    const days = await desk.figures.overview(by.reach, query.days, timezone)
    const stuck = stuckJson(await desk.stuck.list(by.reach))
    return { body: { timezone, days, stuck } satisfies z.output<typeof overview> }
  },
})

const stuckJson = ({ waiting, digests, releases }: Stuck): z.output<typeof stuckSchema> => ({
  waiting: countSinceJson(waiting),
  digests: { putOff: countSinceJson(digests.putOff), failed: countSinceJson(digests.failed) },
  releases: {
    queued: countSinceJson(releases.queued),
    uncertain: countSinceJson(releases.uncertain),
    failed: countSinceJson(releases.failed),
  },
})

const countSinceJson = ({ count, since }: CountSince): z.output<typeof countSince> => ({
  count,
  since: isoTimeOrNull(since),
})
