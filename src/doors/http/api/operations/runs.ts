import { z } from 'zod'
import { readerAddress } from '../../../../ground/directory/reader-address.ts'
import { SCHEDULE_NAME } from '../../../../rules/schedule/schedule-faults.ts'
import { component } from '../protocol/components.ts'
import { line } from '../protocol/fields.ts'
import { operation } from '../protocol/operation.ts'
import { RequestFaults } from '../protocol/request-faults.ts'

const runRequest = component(
  'RunRequest',
  z.strictObject({
    schedule: z.string().regex(SCHEDULE_NAME).optional().describe('Only the readers of this schedule.'),
    recipients: z.array(line(320)).min(1).max(1000).optional().describe('Only these readers.'),
    dryRun: z.boolean().default(false).describe('Tell what would be made, and make nothing.'),
  }),
)

const rehearsed = component(
  'RehearsedRun',
  z.object({
    digests: z.int(),
    items: z.int(),
    list: z
      .array(
        z.object({
          reader: z.string(),
          deliverTo: z.string(),
          language: z.string(),
          timezone: z.string(),
          messages: z.int(),
        }),
      )
      .describe('The first 1000 of them.'),
  }),
)

const made = component(
  'MadeRun',
  z.object({
    digests: z.int(),
    items: z.int(),
    elsewhere: z.boolean().describe('Another process has the run in hand.'),
  }),
)

export const RUN_OPERATIONS = [
  operation({
    method: 'post',
    path: '/runs',
    operationId: 'startRun',
    tag: 'Runs',
    summary: 'Make digests of what waits now, or tell what would be made',
    description: 'A key for some domains has to name the recipients.',
    scope: 'write',
    body: runRequest,
    replies: {
      200: { description: 'What would be made.', schema: rehearsed },
      202: { description: 'They are made, and about to be sent.', schema: made },
    },
    problems: ['SCHEDULE_UNKNOWN'],
    handle: async ({ desk }, { body, by }) => {
      const addresses = addressesOf(body.recipients)
      const readers = addresses && (await desk.readers.readersOf(by.reach, addresses))
      const wanted = { schedule: body.schedule, readers }
      if (body.dryRun) {
        const { digests, items, list } = await desk.digests.rehearse(by, wanted, MOST_LISTED)
        return {
          body: {
            digests,
            items,
            list: list.map(({ timeZone, ...rest }) => ({ ...rest, timezone: timeZone })),
          },
        }
      }
      const { digests, items, elsewhere = false } = await desk.digests.run(by, wanted)
      return { status: 202, body: { digests, items, elsewhere } }
    },
  }),
]

const MOST_LISTED = 1000

function addressesOf(recipients: readonly string[] | undefined): string[] | undefined {
  return recipients?.map((text, index) => {
    const address = readerAddress(text)
    if (address !== undefined) return address
    const detail = 'expected an address such as alice@example.com'
    throw new RequestFaults([{ pointer: `#/recipients/${index}`, detail }])
  })
}
