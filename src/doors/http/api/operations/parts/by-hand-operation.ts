import { z } from 'zod'
import type { ByHand } from '../../../../../desks/admin/stuck/by-hand.ts'
import type { Did } from '../../../../../desks/admin/stuck/target.ts'
import { component } from '../../protocol/components.ts'
import { choice, line } from '../../protocol/fields.ts'
import { type Operation, operation } from '../../protocol/operation.ts'
import { EXAMPLE } from './examples.ts'
import { hideUnreachable } from './hide-unreachable.ts'

/** What differs between the operations that try again or give up one digest or one release. */
interface ByHandSpec extends Pick<Operation, 'operationId' | 'tag' | 'summary' | 'description'> {
  readonly kind: ByHand['kind']
  readonly verb: 'retry' | 'drop'
}

/**
 * Makes the operation that tries again or gives up one digest or one release.
 *
 * @throws CodedError DIGEST_UNKNOWN, RELEASE_UNKNOWN
 */
export const byHandOperation = ({ kind, verb, ...spec }: ByHandSpec): Operation =>
  operation({
    ...spec,
    method: 'post',
    path: `/${kind}s/{id}/${verb}`,
    scope: 'write',
    params: idParams[kind],
    replies: {
      200: { description: 'Returns what became of it.', schema: byHand, example: EXAMPLES[kind][verb] },
    },
    problems: [UNKNOWN[kind]],
    handle: async ({ desk }, { params, by }) => {
      const act = () => desk.stuck[verb]({ kind, what: [params.id], by })
      const [outcome] = await hideUnreachable(UNKNOWN[kind], act)
      if (!outcome) throw new TypeError('the desk returned no outcome for the one id')
      return { body: outcome satisfies z.output<typeof byHand> }
    },
  })

/** The ids in paths. */
export const idParams = {
  digest: {
    id: line(40).meta({ description: 'The id of the digest.', example: EXAMPLE.digestId }),
  },
  release: {
    id: line(40).meta({
      description: 'The id of the release, which is also that of its message.',
      example: EXAMPLE.itemId,
    }),
  },
}

const UNKNOWN = { digest: 'DIGEST_UNKNOWN', release: 'RELEASE_UNKNOWN' } as const

const DID: Readonly<Record<Did, string>> = {
  due: 'It is tried again at once.',
  'in-hand': 'Nothing. A process is working on it.',
  over: 'Nothing. It no longer waits.',
  'sent-anew': 'A new digest of the same messages was sent.',
  'made-anew': 'A new digest of the same messages was made. It could not be sent yet.',
  'nothing-waits': 'Nothing. Its messages no longer wait, or the reader gets no digests now.',
  released: 'amavisd released the message.',
  'released-again': 'amavisd released the message. It may be the second copy.',
  queued: 'amavisd could not release the message now. It is asked again later.',
  failed: 'amavisd was asked and did not release the message. `code` says why.',
  dropped: 'It was given up.',
}

const byHand = component(
  'ByHand',
  z
    .object({
      kind: z.enum(['digest', 'release']).describe('What was tried again or given up.'),
      id: z.string().describe('The id of the digest or of the release.'),
      whose: z
        .string()
        .nullable()
        .describe(
          'The reader of the digest, or the recipient of the message. Null when it is no longer known.',
        ),
      did: choice('What was done.', DID),
      code: z.string().nullable().describe('Why a release failed or waits. Null otherwise.'),
    })
    .describe('What became of a digest or of a release that was tried again or given up.'),
  { kind: 'digest', id: EXAMPLE.digestId, whose: EXAMPLE.reader, did: 'due', code: null },
)

const DIGEST = { kind: 'digest', id: EXAMPLE.digestId, whose: EXAMPLE.reader, code: null }
const RELEASE = { kind: 'release', id: EXAMPLE.itemId, whose: EXAMPLE.reader, code: null }

const EXAMPLES = {
  digest: { retry: { ...DIGEST, did: 'due' }, drop: { ...DIGEST, did: 'dropped' } },
  release: { retry: { ...RELEASE, did: 'released' }, drop: { ...RELEASE, did: 'dropped' } },
}
