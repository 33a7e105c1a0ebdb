import { z } from 'zod'
import { heldJson, windowJson } from '../../../../../desks/quarantine/held-json.ts'
import { CodedError } from '../../../../../ground/errors.ts'
import { LONGEST_SEARCH, parseSearch } from '../../../../../rules/search/parse-search.ts'
import { ORDERS, type Search } from '../../../../../rules/search/search.ts'
import { line } from '../../protocol/fields.ts'
import { type Context, type Json, operation } from '../../protocol/operation.ts'
import { RequestFaults } from '../../protocol/request-faults.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { heldPage } from './held-answer.ts'

/** What is looked for, in a query or a body. */
export const searchField = z.string().max(LONGEST_SEARCH)

export const listHeld = operation({
  method: 'get',
  path: '/held',
  operationId: 'listHeld',
  tag: 'Held mail',
  summary: 'Lists what is held, newest first',
  description: [
    'Looks through the last 14 days, or through the time that `search` names.',
    'A search in much mail stops after a while: `next` goes on from there, even if `held` is empty.',
  ].join(' '),
  scope: 'held:read',
  query: {
    search: searchField.optional().meta({
      description:
        'As in the search box of the pages: words, `from:`, `to:`, `subject:`, `id:`, `reason:`, `type:`, `score:`, `size:`, `after:`, `before:`, `is:`. Days begin in the time zone of the configuration.',
      example: 'from:sender.example.net after:30d',
    }),
    recipient: line(320).optional().meta({
      description: 'An envelope recipient: only what was sent to it.',
      example: EXAMPLE.reader,
    }),
    sort: z
      .enum(ORDERS)
      .default('date')
      .meta({ description: 'What the list is ordered by.', example: 'date' }),
    direction: z
      .enum(['descending', 'ascending'])
      .default('descending')
      .meta({ description: 'Whether the newest or the highest comes first.', example: 'descending' }),
    limit: z
      .int()
      .min(1)
      .max(100)
      .default(50)
      .meta({ description: 'The most messages on a page.', example: 50 }),
    cursor: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,3000}$/, 'expected a cursor that was given as "next"')
      .optional()
      .meta({
        description: 'The `next` of the page before, for the same search and order.',
        example: 'WyJfem5QVjVaQ09hZksiLDE3OTQ3OTM0MzMxODFd',
      }),
  },
  replies: { 200: { description: 'Returns a page of the list.', schema: heldPage } },
  handle: async (context, { query, viewer }) => {
    const { search = '', recipient, sort, direction, limit, cursor } = query
    const { quarantine } = context
    const page = await quarantine.list(viewer, {
      search: searchFor(context, { search, recipient }, { parameter: 'search' }),
      order: sort,
      direction,
      limit,
      after: cursor,
      lineFor: 'recipient',
    })
    const held = page.messages.flatMap(({ recipients }) => recipients)
    const readers = await quarantine.readersOf(
      viewer,
      held.map(one => one.recipient),
    )
    return {
      body: {
        held: held.map(one => heldJson(one, readers)),
        next: page.next ?? null,
        ...windowJson(page),
      } satisfies Json<z.output<typeof heldPage>>,
    }
  },
})

/**
 * Reads a search.
 *
 * @param place where it stands in the request
 * @throws RequestFaults
 */
export function searchFor(
  { clock, standardTimeZone }: Context,
  { search, recipient }: { readonly search: string; readonly recipient?: string | undefined },
  place: { readonly parameter: string } | { readonly pointer: string },
): Search {
  try {
    const asked = parseSearch(search, { now: clock(), timeZone: standardTimeZone })
    if (recipient === undefined) return asked
    const to = { field: 'to', how: 'equals', text: recipient, not: false } as const
    return { ...asked, texts: [...asked.texts, to] }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw new RequestFaults([{ ...place, detail: error.message }])
  }
}
