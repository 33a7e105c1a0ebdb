import { z } from 'zod'
import { readerAddress } from '../../../../../ground/directory/reader-address.ts'
import { SCHEDULE_NAME } from '../../../../../rules/schedule/schedule-faults.ts'
import { component } from '../../protocol/components.ts'
import { line } from '../../protocol/fields.ts'
import { operation } from '../../protocol/operation.ts'
import { RequestFaults } from '../../protocol/request-faults.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { madeRun, rehearsedJson, rehearsedRun } from './run-answer.ts'

const runRequest = component(
  'RunRequest',
  z
    .strictObject({
      schedule: z
        .string()
        .regex(SCHEDULE_NAME)
        .optional()
        .describe('Makes digests only for the readers of this schedule.'),
      recipients: z
        .array(line(320))
        .min(1)
        .max(1000)
        .optional()
        .describe('Makes digests only for the readers of these addresses.'),
      dryRun: z.boolean().default(false).describe('True: return what would be made, and make nothing.'),
    })
    .describe('For whom digests are made.'),
  { recipients: [EXAMPLE.reader] },
)

/** The operation on runs. */
export const RUN_OPERATIONS = [
  operation({
    method: 'post',
    path: '/runs',
    operationId: 'startRun',
    tag: 'Runs',
    summary: 'Makes digests of the waiting messages now',
    description:
      'With `dryRun`, returns what would be made. A key for some domains must name the recipients.',
    scope: 'write',
    body: runRequest,
    replies: {
      200: { description: 'Returns what would be made.', schema: rehearsedRun },
      202: { description: 'The digests are made and about to be sent.', schema: madeRun },
    },
    problems: ['SCHEDULE_UNKNOWN', 'RUN_OVERTAKEN'],
    handle: async ({ desk }, { body, by }) => {
      const selection = { schedule: body.schedule, recipients: addressesOf(body.recipients) }
      if (body.dryRun) return { body: rehearsedJson(await desk.digests.rehearse(by, selection, MOST_LISTED)) }
      const { digests, items, elsewhere = false } = await desk.digests.run(by, selection)
      return { status: 202, body: { digests, items, elsewhere } }
    },
  }),
]

const MOST_LISTED = 1000

/** @throws RequestFaults naming the first recipient that is not an address */
function addressesOf(recipients: readonly string[] | undefined): string[] | undefined {
  return recipients?.map((text, index) => {
    const address = readerAddress(text)
    if (address !== undefined) return address
    const detail = 'expected an address such as alice@example.com'
    throw new RequestFaults([{ pointer: `#/recipients/${index}`, detail }])
  })
}
