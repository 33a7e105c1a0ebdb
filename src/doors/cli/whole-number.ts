import { CodedError } from '../../ground/errors.ts'

/**
 * Reads a whole number that somebody gave as an option. Both ends are included.
 *
 * @throws CodedError USAGE
 */
export function wholeNumber(
  option: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const number = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new CodedError(
    'USAGE',
    `${option}: expected a whole number from ${least} to ${most}, found ${JSON.stringify(text)}.`,
  )
}
