import { onFirstUse } from '../../on-first-use.ts'

/** What is wrong with a filter (RFC 4515), without blanks between its parentheses; undefined if nothing is. */
export function filterFault(filter: string): string | undefined {
  if (HIGH_ESCAPE.test(filter)) return 'expected characters beyond ASCII as they are, not as \\c3\\bc'
  return isBalanced(filter) && isReadable(filter)
    ? undefined
    : 'expected a filter such as (&(objectClass=person)(!(accountStatus=disabled))), with \\28, \\29, \\2a and \\5c for ( ) * and \\ in a value'
}

/** ldapts reads each escape as a character, so that two escapes would not become one letter. */
const HIGH_ESCAPE = /\\[89a-f][\da-f]/i

/** ldapts takes a filter whose last parentheses are missing. */
const isBalanced = (filter: string): boolean =>
  filter.startsWith('(') && filter.split('(').length === filter.split(')').length

function isReadable(filter: string): boolean {
  try {
    ldapts().FilterParser.parseString(filter)
    return true
  } catch {
    return false
  }
}

/** Only the reader of filters, which talks to nobody: the options may be checked where no directory is used. */
const ldapts = onFirstUse<{ readonly FilterParser: { parseString(filter: string): unknown } }>('ldapts')
