import { z } from 'zod'
import { type BulkProgress, type BulkStatus, MOST_IN_BULK } from '../../../../../work/quarantine/bulk/bulk.ts'
import { component } from '../../protocol/components.ts'
import { choice, count, isoTime, line, time } from '../../protocol/fields.ts'
import { type Operation, operation } from '../../protocol/operation.ts'
import { RequestFaults } from '../../protocol/request-faults.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { searchField, searchFor } from './held-list-operation.ts'

const bulkRequest = component(
  'HeldBulkRequest',
  z
    .strictObject({
      act: z.enum(['release', 'delete']).describe('What is done with them.'),
      refs: z
        .array(line(320))
        .min(1)
        .max(MOST_IN_BULK)
        .optional()
        .describe('The `ref` of each. One without a recipient stands for all of them whom the key covers.'),
      search: searchField
        .optional()
        .describe('Instead of `refs`: all that this finds now, in the language of the list.'),
    })
    .describe('Messages that are released or deleted together. It has either `refs` or `search`.'),
  { act: 'delete', refs: [EXAMPLE.heldRef] },
)

const begun = component(
  'HeldBulkBegun',
  z
    .object({ id: z.string().describe('The id by which the progress is seen.') })
    .describe('Several messages are released or deleted.'),
  { id: EXAMPLE.bulkId },
)

const beginBulk = operation({
  method: 'post',
  path: '/held/bulk',
  operationId: 'beginHeldBulk',
  tag: 'Held mail',
  summary: 'Releases or deletes up to 1,000 messages together',
  description: [
    'What they are is looked up now. What arrives later is not touched.',
    'A running `amavis-digest serve` does it, one after the other.',
  ].join(' '),
  scope: 'held:release',
  body: bulkRequest,
  replies: { 202: { description: 'It has begun.', schema: begun } },
  handle: async (context, { body: { act, refs, search }, viewer }) => {
    if ((refs === undefined) === (search === undefined)) throw new RequestFaults([EITHER])
    const of = refs ? { refs } : { search: everythingFound(search ?? ''), at: context.clock() }
    const id = await context.quarantine.beginBulk(viewer, { act, of, confirmed: true })
    return { status: 202, body: { id } }

    function everythingFound(text: string) {
      const found = searchFor(context, { search: text }, { pointer: '#/search' })
      return { search: found, order: 'date', direction: 'descending', limit: 100 } as const
    }
  },
})

const EITHER = { pointer: '#', detail: 'expected either refs or search' }

const STATUSES: Readonly<Record<BulkStatus, string>> = {
  waiting: 'Its turn has not come yet.',
  released: 'amavisd has released it.',
  queued: 'amavisd could not release it now. It is asked again later.',
  requested: 'An admin was asked for it, and decides.',
  failed: 'It was not released or not deleted. `code` says why.',
  deleted: 'It is deleted.',
  restored: 'It is in the quarantine as before.',
  'already-released': 'It was released before. Nothing was done.',
  'being-released': 'It is being released. It is not deleted.',
  'left-out': 'It needs a confirmation of its own.',
}

const progress = component(
  'HeldBulk',
  z
    .object({
      act: z.enum(['release', 'delete']).describe('What is done with them.'),
      total: count.describe('How many there are, each for one recipient.'),
      done: count.describe('How many are done.'),
      over: z.boolean().describe('True when all are done.'),
      cut: z.boolean().describe('True when the search found more than are in it.'),
      begunAt: time.describe('When it began.'),
      outcomes: z
        .array(
          z.object({
            ref: z.string().describe('The message, as it was named.'),
            recipient: z.string().describe('The recipient. Empty for what the key cannot see.'),
            subject: z.string().describe('The Subject header field.'),
            status: choice('What has become of it.', STATUSES),
            code: z.string().nullable().describe('Why it failed or waits. Null otherwise.'),
          }),
        )
        .describe('The outcome of each, in the order in which they are done.'),
    })
    .describe('How far several messages are released or deleted.'),
  {
    act: 'delete',
    total: 1,
    done: 1,
    over: true,
    cut: false,
    begunAt: EXAMPLE.releasedAt,
    outcomes: [
      {
        ref: EXAMPLE.heldRef,
        recipient: EXAMPLE.reader,
        subject: 'Your invoice of March',
        status: 'deleted',
        code: null,
      },
    ],
  },
)

const bulkProgress = operation({
  method: 'get',
  path: '/held/bulk/{id}',
  operationId: 'getHeldBulk',
  tag: 'Held mail',
  summary: 'Shows how far several messages are released or deleted',
  description: 'Only the key that began it sees it.',
  scope: 'held:release',
  params: {
    id: line(40).meta({ description: 'The id that the request returned.', example: EXAMPLE.bulkId }),
  },
  replies: { 200: { description: 'Returns the outcome of each so far.', schema: progress } },
  problems: ['HELD_UNKNOWN'],
  handle: async ({ quarantine }, { params, viewer }) => ({
    body: progressJson(await quarantine.bulk(viewer, params.id)),
  }),
})

const progressJson = (bulk: BulkProgress): z.output<typeof progress> => ({
  act: bulk.act,
  total: bulk.total,
  done: bulk.done,
  over: bulk.isOver,
  cut: bulk.isCut,
  begunAt: isoTime(bulk.begunAt),
  outcomes: bulk.outcomes.map(({ ref, recipient, subject, status, code }) => ({
    ref,
    recipient,
    subject,
    status,
    code,
  })),
})

/** What is done with several messages. */
export const HELD_BULK_OPERATIONS: readonly Operation[] = [beginBulk, bulkProgress]
