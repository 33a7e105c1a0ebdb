import { createSecretKey, randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { type Link, signToken } from '../../src/ground/links/token.ts'
import { type BenchCase, comparison, inTurns } from '../figures.ts'
import { cpuOf } from '../measure.ts'

/** Signing a link with the key as Node's KeyObject, compared with the key as a string. */
export const tokens: BenchCase = {
  name: 'tokens',
  title: 'Signing links',
  async *measure({ rounds }) {
    const secret = randomBytes(32)
    const key = { id: 'k1', key: createSecretKey(secret) }
    const text = secret.toString('base64')
    const claims = { sub: LINK.subject, bnd: LINK.binding, exp: 2e9 }
    const options = {
      algorithm: 'HS256',
      keyid: key.id,
      audience: LINK.purpose,
      noTimestamp: true,
    } as const
    const { ours, other } = await inTurns(rounds, {
      ours: async () => cpuOf(() => signToken(LINK, key)),
      other: async () => cpuOf(() => jwt.sign(claims, text, options)),
    })
    yield comparison('CPU for a link', 'µs', ours, {
      what: 'jsonwebtoken, the key as a string',
      values: other,
    })
  },
}

const LINK: Link = {
  purpose: 'release',
  subject: 'AZ6TA1xoxjxAPnA9SxpR',
  binding: 'AAAAAAAAAAAAAAAA',
  expiresAt: 2e12,
}
