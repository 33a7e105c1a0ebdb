import { z } from 'zod'
import type { QuarantineDesk } from '../../../../../desks/quarantine/quarantine-desk.ts'
import { CodedError } from '../../../../../ground/errors.ts'
import type { AdminViewer } from '../../../../../rules/reach/viewer.ts'
import { type HeldRef, parseHeldRef } from '../../../../../work/collect/held-ref.ts'
import type { ListedHeld } from '../../../../../work/quarantine/held-list.ts'
import { line } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'

/** The parameter that names a message in a path. */
export const refParams = {
  ref: z
    .string()
    .regex(/^(?:-?\d{1,10}\.)?[A-Za-z0-9_+-]{1,64}(?:\.\d{1,10})?$/, 'expected a reference or a mail id')
    .meta({
      description:
        'The `ref` of a message, with or without the number of the recipient at its end, or its mail id.',
      example: EXAMPLE.heldRef,
    }),
}

/** The query that names one of several recipients. */
export const recipientQuery = {
  recipient: line(320).optional().meta({
    description: 'One recipient of the message, where `ref` names none.',
    example: EXAMPLE.reader,
  }),
}

/** What `refParams` and `recipientQuery` give. */
export interface AskedFor {
  readonly ref: string
  readonly recipient?: string | undefined
}

/**
 * The reference to what a request names: to one recipient if it names one or there is only one, else to the message.
 *
 * @throws CodedError HELD_UNKNOWN; REQUEST_INVALID where partitions have messages of the same id
 */
export async function namedRef(
  quarantine: QuarantineDesk,
  viewer: AdminViewer,
  asked: AskedFor,
): Promise<HeldRef> {
  const found = await namedHeld(quarantine, viewer, asked)
  const [first] = found
  return first && found.length === 1 ? first.ref : (wholeRefs(found)[0] ?? asked.ref)
}

/**
 * The reference to the one recipient that a request names.
 *
 * @throws CodedError HELD_UNKNOWN; REQUEST_INVALID where it names several
 */
export async function namedOneRef(
  quarantine: QuarantineDesk,
  viewer: AdminViewer,
  asked: AskedFor,
): Promise<HeldRef> {
  const [held, ...others] = await namedHeld(quarantine, viewer, asked)
  if (held && others.length === 0) return held.ref
  throw new CodedError(
    'REQUEST_INVALID',
    'The message has several recipients. Name one by "recipient", or by its own "ref".',
  )
}

/** Never empty. */
async function namedHeld(
  quarantine: QuarantineDesk,
  viewer: AdminViewer,
  { ref, recipient }: AskedFor,
): Promise<readonly ListedHeld[]> {
  const key = parseHeldRef(ref)
  const { partitionTag, mailId } = key ?? { partitionTag: undefined, mailId: ref }
  const all = await quarantine.named(viewer, { mailId, partitionTag, recipient })
  const found = key?.rseqnum === undefined ? all : all.filter(held => held.ref === ref)
  if (found.length === 0) throw new CodedError('HELD_UNKNOWN', UNKNOWN)
  const refs = wholeRefs(found)
  if (refs.length === 1) return found
  throw new CodedError(
    'REQUEST_INVALID',
    `${refs.length} messages have this mail id. Use the reference of one: ${refs.join(' or ')}.`,
  )
}

const UNKNOWN = 'The quarantine has no such message for this key. It may have been cleaned up.'

/** The references to the messages, without their recipients. */
const wholeRefs = (found: readonly ListedHeld[]): readonly HeldRef[] => [
  ...new Set(found.map(({ ref }) => ref.replace(/\.\d+$/, ''))),
]
