import { createHash } from 'node:crypto'
import type { ShaCryptHash } from './password-hash.ts'

/**
 * The digest of a password by SHA-crypt, in the alphabet of crypt(3). The numbers are those of the steps in its
 * specification (https://www.akkadia.org/drepper/SHA-crypt.txt).
 *
 * The package unixcrypt (3.0.4) differs from crypt(3) where a password is exactly as long as a digest, or a multiple:
 * 64 characters with SHA-512, which is a usual length of generated passwords.
 */
export function shaCrypt(
  password: string,
  { kind, rounds, salt }: Pick<ShaCryptHash, 'kind' | 'rounds' | 'salt'>,
): string {
  const key = Buffer.from(password)
  const saltOctets = Buffer.from(salt)
  const digest = (...parts: readonly Uint8Array[]) => {
    const hash = createHash(kind)
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  // 4 to 8
  const other = digest(key, saltOctets, key)
  // 1 to 3 and 9 to 12
  const first = digest(key, saltOctets, filled(key.length, other), ...byBits(key, other))
  // 13 to 16
  const keys = filled(key.length, digest(...Array.from(key, () => key)))
  // 17 to 20
  const saltTimes = 16 + (first[0] ?? 0)
  const salts = filled(salt.length, digest(...Array.from({ length: saltTimes }, () => saltOctets)))
  // 21
  let last = first
  for (let round = 0; round < rounds; round += 1) {
    const isOdd = round % 2 === 1
    const hash = createHash(kind).update(isOdd ? keys : last)
    if (round % 3 !== 0) hash.update(salts)
    if (round % 7 !== 0) hash.update(keys)
    last = hash.update(isOdd ? last : keys).digest()
  }
  // 22
  return encoded(last, ORDERS[kind])
}

/** As many octets, of a digest that is repeated. */
const filled = (length: number, digest: Uint8Array): Buffer => Buffer.alloc(length, digest)

/** Step 11: for each bit of the password's length, from the lowest, the digest for a one and the password for a zero. */
const byBits = (key: Buffer, digest: Buffer): readonly Buffer[] =>
  key.length === 0 ? [] : [...key.length.toString(2)].toReversed().map(bit => (bit === '1' ? digest : key))

/** Step 22: three octets at a time, in an order of their own, make four characters, the lowest six bits first. */
function encoded(digest: Uint8Array, { groups, rest }: Order): string {
  const characters = (value: number, count: number) =>
    Array.from({ length: count }, (_, index) => ALPHABET[(value >> (6 * index)) & 63]).join('')
  const octet = (index: number) => digest[index] ?? 0
  const valueAt = (indexes: readonly number[]) => indexes.reduce((sum, index) => sum * 256 + octet(index), 0)
  return [
    ...groups.map(group => characters(valueAt(group), 4)),
    characters(valueAt(rest.of), rest.characters),
  ].join('')
}

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Which octets of a digest make each group of characters, the highest octet first. */
interface Order {
  readonly groups: readonly (readonly number[])[]
  readonly rest: { readonly of: readonly number[]; readonly characters: number }
}

/** Each group goes on from the one before: its indexes are one more, and they change places. */
const ORDERS: Readonly<Record<ShaCryptHash['kind'], Order>> = {
  sha256: {
    groups: Array.from({ length: 10 }, (_, group) => turned([group, group + 10, group + 20], -group)),
    rest: { of: [31, 30], characters: 3 },
  },
  sha512: {
    groups: Array.from({ length: 21 }, (_, group) => turned([group, group + 21, group + 42], group)),
    rest: { of: [63], characters: 2 },
  },
}

function turned(indexes: readonly number[], by: number): readonly number[] {
  const start = ((by % indexes.length) + indexes.length) % indexes.length
  return [...indexes.slice(start), ...indexes.slice(0, start)]
}
