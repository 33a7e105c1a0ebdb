import { CodedError } from '../../ground/errors.ts'
import { LONGEST_NOTE } from './request.ts'

/**
 * What an admin wants to say to the readers, as it is stored: in any script, as it was written, without what databases
 * refuse. Undefined for nothing but blanks.
 *
 * @throws CodedError REQUEST_INVALID for one that is too long
 */
export function checkedNote(note: string | undefined): string | undefined {
  const text = (note ?? '').replaceAll('\0', '').toWellFormed().trim()
  if (text === '') return undefined
  const { length } = [...text.slice(0, 2 * LONGEST_NOTE + 2)]
  if (length <= LONGEST_NOTE) return text
  throw new CodedError(
    'REQUEST_INVALID',
    `A note has at most ${LONGEST_NOTE} characters: say it in fewer words.`,
  )
}
