import { z } from 'zod'
import type { ByHand, ByHandRequest } from '../../../../desks/admin/stuck/by-hand.ts'
import { component } from '../protocol/components.ts'
import type { Reply } from '../protocol/operation.ts'
import { unreached } from './unreached.ts'

export const byHand = component(
  'ByHand',
  z.object({
    kind: z.enum(['digest', 'release']),
    id: z.string(),
    whose: z.string().nullable(),
    did: z.enum([
      'due',
      'in-hand',
      'over',
      'sent-anew',
      'made-anew',
      'nothing-waits',
      'released',
      'released-again',
      'queued',
      'failed',
      'dropped',
    ]),
    code: z.string().nullable().describe('Why a release has failed.'),
  }),
)

/**
 * Tries again or gives up one thing.
 *
 * @throws CodedError DIGEST_UNKNOWN, RELEASE_UNKNOWN
 */
export async function byHandReply(
  kind: ByHand['kind'],
  id: string,
  work: (one: Pick<ByHandRequest, 'kind' | 'what'>) => Promise<ByHand[]>,
): Promise<Reply> {
  const [done] = await unreached(UNKNOWN[kind], () => work({ kind, what: [id] }))
  if (!done) throw new TypeError('one id was given')
  return { body: done satisfies z.output<typeof byHand> }
}

const UNKNOWN = { digest: 'DIGEST_UNKNOWN', release: 'RELEASE_UNKNOWN' } as const
