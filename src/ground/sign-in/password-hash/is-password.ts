import { timingSafeEqual } from 'node:crypto'
import bcrypt from 'bcryptjs'
import type { PasswordHash } from './password-hash.ts'
import { shaCrypt } from './sha-crypt.ts'

/** Whether a password has this hash. It takes milliseconds to a second, as the hash wants it. */
export function isPassword(password: string, hash: PasswordHash): boolean {
  if (hash.kind === 'bcrypt') return bcrypt.compareSync(password, hash.text)
  const [given, kept] = [Buffer.from(shaCrypt(password, hash)), Buffer.from(hash.digest)]
  return given.length === kept.length && timingSafeEqual(given, kept)
}
