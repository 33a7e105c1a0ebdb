import { z } from 'zod'
import { duration, section } from './fields.ts'

/** How admins decide what readers ask for. Spans are milliseconds. */
export type RequestTerms = Readonly<z.output<typeof requestsOptions>>

/** The options of `RequestTerms`. */
export const requestsOptions = section({
  expire: duration('7d', '1h', '60d').describe(
    'How long admins may take to decide. Then the request is over, and its reader is told so.',
  ),
  mailEvery: duration('10m', '1s', '1d').describe(
    'How long after one mail about requests that wait an admin gets the next.',
  ),
  virusNeedsTwo: z
    .boolean()
    .default(false)
    .describe('true: a message with a virus is released only when two admins have approved of it.'),
}).describe('Where policy says request: how admins decide.')
