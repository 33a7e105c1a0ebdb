import { CodedError } from '../../../../ground/errors.ts'

/** Makes the cursor for a place in a list. Callers are not meant to look into it. */
export const cursorOf = (place: string | undefined): string | null =>
  place === undefined ? null : Buffer.from(place).toString('base64url')

/**
 * Returns the place in a list that a cursor stands for.
 *
 * @throws CodedError REQUEST_INVALID for a cursor that `cursorOf` did not make
 */
export function placeOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const place = Buffer.from(cursor, 'base64url').toString()
  if (place !== '' && cursorOf(place) === cursor) return place
  throw new CodedError(
    'REQUEST_INVALID',
    'The cursor is not one that a list returned as "next". Read the list again from the beginning, without a cursor.',
  )
}
