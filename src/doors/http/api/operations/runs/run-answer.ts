import { z } from 'zod'
import type { Rehearsed } from '../../../../../desks/admin/digests/run-by-hand.ts'
import { component } from '../../protocol/components.ts'
import { count } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'

const planned = z.object({
  reader: z.string().describe('Whose held mail the digest would list.'),
  deliverTo: z.string().describe('The address that would get the digest.'),
  language: z.string().describe('The language of the digest, as a BCP 47 tag.'),
  timezone: z.string().describe('The time zone of the times in the digest, as an IANA name.'),
  messages: count.describe('How many messages the digest would list.'),
})

export const rehearsedRun = component(
  'RehearsedRun',
  z
    .object({
      digests: count.describe('How many digests would be made.'),
      items: count.describe('How many messages they would list.'),
      list: z.array(planned).describe('The digests, at most 1000.'),
    })
    .describe('What a run would make.'),
  {
    digests: 1,
    items: 2,
    list: [
      {
        reader: EXAMPLE.reader,
        deliverTo: EXAMPLE.reader,
        language: 'en',
        timezone: 'Europe/Paris',
        messages: 2,
      },
    ],
  },
)

export const madeRun = component(
  'MadeRun',
  z
    .object({
      digests: count.describe('How many digests were made.'),
      items: count.describe('How many messages they list.'),
      elsewhere: z.boolean().describe('True when another process makes this run.'),
    })
    .describe('What a run made.'),
  { digests: 1, items: 2, elsewhere: false },
)

/** Returns a rehearsed run as answers show it. */
export const rehearsedJson = ({ digests, items, list }: Rehearsed): z.output<typeof rehearsedRun> => ({
  digests,
  items,
  list: list.map(({ reader, deliverTo, language, timeZone, messages }) => ({
    reader,
    deliverTo,
    language,
    timezone: timeZone,
    messages,
  })),
})
