import { z } from 'zod'
import { KINDS } from '../../../../../ground/amavis/content.ts'
import { component } from '../../protocol/components.ts'
import { count, daysField } from '../../protocol/fields.ts'
import { operation } from '../../protocol/operation.ts'
import { KIND_WORDS } from '../parts/held-message.ts'

const counted = Object.fromEntries(KINDS.map(name => [name, count.describe(KIND_WORDS[name])]))

const NONE = Object.fromEntries(KINDS.map(name => [name, 0]))

const summary = component(
  'HeldSummary',
  z
    .object({
      days: z
        .array(
          z.object({
            day: z.iso.date().describe('The day, in the time zone of the configuration.'),
            counts: z.object(counted).describe('For how many recipients messages are held, by kind.'),
          }),
        )
        .describe('The days that are counted, newest first.'),
      counting: z
        .boolean()
        .describe('True when older days are still counted: ask again in a while to get them, too.'),
    })
    .describe('What is held, by day and kind.'),
  { days: [{ day: '2026-03-11', counts: { ...NONE, spam: 12 } }], counting: false },
)

export const summariseHeld = operation({
  method: 'get',
  path: '/held/summary',
  operationId: 'summariseHeld',
  tag: 'Held mail',
  summary: 'Counts what is held, by day and kind',
  description: 'The figures of today are at most half a minute old, others ten minutes.',
  scope: 'held:read',
  query: { days: daysField(90, 14, 'How many days, ending with today.') },
  replies: { 200: { description: 'Returns the days that are counted.', schema: summary } },
  handle: async ({ quarantine, standardTimeZone }, { query: { days }, viewer }) => {
    const { days: lines, isCounting } = await quarantine.summary(viewer, { days, timeZone: standardTimeZone })
    const body = {
      days: lines.map(({ day, counts }) => ({ day, counts: { ...NONE, ...counts } })),
      counting: isCounting,
    }
    return { body: body satisfies z.output<typeof summary> }
  },
})
