import { CodedError } from '../../../../ground/errors.ts'

/** The place in a list, as callers get it: nothing that they should look into. */
export const cursorOf = (place: string | undefined): string | null =>
  place === undefined ? null : Buffer.from(place).toString('base64url')

/** @throws CodedError REQUEST_INVALID for what is no cursor of ours */
export function placeOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const place = Buffer.from(cursor, 'base64url').toString()
  if (place !== '' && cursorOf(place) === cursor) return place
  throw new CodedError(
    'REQUEST_INVALID',
    'The cursor is none that was given: begin the list again without one.',
  )
}
