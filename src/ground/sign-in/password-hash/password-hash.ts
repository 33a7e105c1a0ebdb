/** A hash of a password that can be compared here. */
export type PasswordHash = ShaCryptHash | BcryptHash

/** crypt(3) by SHA-256 (`$5$`) or SHA-512 (`$6$`). */
export interface ShaCryptHash {
  readonly kind: 'sha256' | 'sha512'
  readonly rounds: number
  readonly salt: string
  /** In the alphabet of crypt(3). */
  readonly digest: string
}

/** crypt(3) by Blowfish (`$2a$`, `$2b$`, `$2y$`). */
export interface BcryptHash {
  readonly kind: 'bcrypt'
  /** The rounds are 2 to the power of this. */
  readonly cost: number
  /** All of it, without a scheme before it. */
  readonly text: string
}

/**
 * Reads a hash as Dovecot does: crypt(3), with or without the name of its scheme before it, such as `{SHA512-CRYPT}`.
 *
 * @returns undefined for another scheme, for a text that is no hash, and for one that would take more than about a second
 */
export function readPasswordHash(text: string): PasswordHash | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const [, scheme = 'CRYPT', crypt = ''] = /^(?:\{([\w-]+)\})?(.*)$/s.exec(text) ?? []
  const hash = readShaCrypt(crypt) ?? readBcrypt(crypt)
  if (hash === undefined) return undefined
  return ['CRYPT', SCHEMES[hash.kind]].includes(scheme.toUpperCase()) ? hash : undefined
}

const MAX_LENGTH = 200

/** Dovecot's names of them. */
const SCHEMES = { sha256: 'SHA256-CRYPT', sha512: 'SHA512-CRYPT', bcrypt: 'BLF-CRYPT' } as const

function readShaCrypt(text: string): ShaCryptHash | undefined {
  const { id, rounds = '5000', salt, digest } = SHA_CRYPT.exec(text)?.groups ?? {}
  if (salt === undefined || digest === undefined) return undefined
  const kind = id === '5' ? 'sha256' : 'sha512'
  if (digest.length !== DIGEST_LENGTHS[kind]) return undefined
  const count = Number(rounds)
  return count < MIN_ROUNDS || count > MAX_ROUNDS ? undefined : { kind, rounds: count, salt, digest }
}

/** crypt(5). A leading zero in the rounds, or fewer than 1,000 of them, is nothing that crypt(3) has ever written. */
const SHA_CRYPT =
  /^\$(?<id>[56])\$(?:rounds=(?<rounds>[1-9]\d{0,8})\$)?(?<salt>[./\dA-Za-z]{0,16})\$(?<digest>[./\dA-Za-z]+)$/

const DIGEST_LENGTHS = { sha256: 43, sha512: 86 } as const

const MIN_ROUNDS = 1000

/** About a second. ISPConfig takes 5,000; crypt(3) allows 999,999,999, which would take half an hour. */
const MAX_ROUNDS = 500_000

function readBcrypt(text: string): BcryptHash | undefined {
  const cost = Number(BCRYPT.exec(text)?.groups?.cost)
  return cost >= 4 && cost <= MAX_COST ? { kind: 'bcrypt', cost, text } : undefined
}

const BCRYPT = /^\$2[aby]\$(?<cost>\d\d)\$[./\dA-Za-z]{53}$/

/** About a second. Each one more takes twice as long. */
const MAX_COST = 14
