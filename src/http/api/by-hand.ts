import { z } from 'zod'
import type { ByHand } from '../../status/by-hand.ts'
import { component } from './components.ts'
import type { Reply } from './operation.ts'
import { notThere, unreached } from './unreached.ts'

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
 * Tries again or gives up one thing. Words that stand for many, which the command line knows, are no ids here.
 *
 * @throws CodedError of this kind's code for what is not known, DIGEST_UNKNOWN or RELEASE_UNKNOWN
 */
export async function byHandReply(
  id: string,
  unknown: 'DIGEST_UNKNOWN' | 'RELEASE_UNKNOWN',
  work: (what: readonly string[]) => Promise<ByHand[]>,
): Promise<Reply> {
  if (WORDS.includes(id)) throw notThere(unknown)
  const [done] = await unreached(unknown, () => work([id]))
  if (!done) throw new TypeError('one id was given')
  return { body: done satisfies z.output<typeof byHand> }
}

const WORDS = ['all', 'digests', 'releases']
