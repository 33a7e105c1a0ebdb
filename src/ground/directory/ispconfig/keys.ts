import { chunks } from '../../database/chunks.ts'
import { writtenForms } from '../written-forms.ts'

/**
 * The keys of one statement each, for addresses, domains, or domains after an at-sign. Those in ASCII are asked for
 * apart from the others: the tables of an old installation are in latin1 or three-octet UTF-8, and one key that does not
 * fit makes the server read a whole table.
 */
export function* keysOf(addresses: readonly string[]): Generator<readonly string[]> {
  const keys = addresses.flatMap(writtenForms)
  yield* chunks(keys.filter(isAscii))
  yield* chunks(keys.filter(key => !isAscii(key)))
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text)
