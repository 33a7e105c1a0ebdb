import { z } from 'zod'
import { component } from '../../protocol/components.ts'
import { counts, daysField } from '../../protocol/fields.ts'
import { operation } from '../../protocol/operation.ts'

const gets = counts({
  within10s: 'Within 10 seconds.',
  within60s: 'Within 60 seconds, but not within 10.',
  within10m: 'Within 10 minutes, but not within 60 seconds.',
  later: 'Later.',
})

const domainClicks = counts({
  posts: 'How often a page of a release was answered, by its button or by itself.',
  canaryHits: 'How often the link that no human sees was fetched.',
  digests: 'How many digests had a link fetched.',
  digestsReadByMachines: 'How many of these digests a machine was seen reading.',
}).extend({
  domain: z.string().describe('The domain of the readers.'),
  gets: gets.describe('How often a page was fetched, by the time since its digest was delivered.'),
})

const clicks = component(
  'Clicks',
  z
    .object({
      domains: z.array(domainClicks).describe('The domains, those with the most clicks first, at most 200.'),
    })
    .describe('Who follows the links in digests: people or machines.'),
  {
    domains: [
      {
        domain: 'example.com',
        gets: { within10s: 4, within60s: 1, within10m: 6, later: 23 },
        posts: 9,
        canaryHits: 1,
        digests: 18,
        digestsReadByMachines: 1,
      },
    ],
  },
)

/** Figures of clicks, by domain. */
export const getClicks = operation({
  method: 'get',
  path: '/clicks',
  operationId: 'getClicks',
  tag: 'Figures',
  summary: 'Returns who follows links, by domain',
  description: 'How soon a link is followed distinguishes people from machines.',
  scope: 'read',
  query: { days: daysField(90, 30, 'How many days back.') },
  replies: { 200: { description: 'Returns the figures of each domain.', schema: clicks } },
  handle: async ({ desk }, { query, by }) => ({
    body: { domains: await desk.figures.clicks(by.reach, query) } satisfies z.output<typeof clicks>,
  }),
})
