import { domainToUnicode } from 'node:url'
import { chunks } from '../../database/chunks.ts'
import { domainOf } from '../reader-address.ts'

/**
 * The spellings under which a table may have an address or a `@domain`: ISPConfig's forms write A-labels in lower case,
 * other programs may have written the domain in letters. Case does not matter, because the columns ignore it.
 */
export function spellings(address: string): readonly string[] {
  const domain = domainOf(address)
  if (!domain.includes('xn--')) return [address]
  const inLetters = domainToUnicode(domain)
  if (inLetters === '' || inLetters === domain) return [address]
  return [address, address.slice(0, -domain.length) + inLetters]
}

/**
 * The keys of one statement each. Those in ASCII are asked for apart from the others: the tables of an old installation
 * are in latin1 or three-octet UTF-8, and one key that does not fit makes the server read a whole table.
 */
export function* keysOf(addresses: readonly string[]): Generator<readonly string[]> {
  const keys = addresses.flatMap(spellings)
  yield* chunks(keys.filter(isAscii))
  yield* chunks(keys.filter(key => !isAscii(key)))
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text)
