import { createSecretKey, randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { type Link, signToken } from '../../src/ground/links/token.ts'
import { cpuOf, duration } from '../measure.ts'
import type { Result } from '../table.ts'

/** Signing a link with the key as Node's KeyObject, compared with the key as a string. */
export function* measureTokens(): Generator<Result> {
  const secret = randomBytes(32)
  const key = { id: 'k1', key: createSecretKey(secret) }
  const text = secret.toString('base64')
  const link: Link = {
    purpose: 'release',
    subject: 'AZ6TA1xoxjxAPnA9SxpR',
    binding: 'AAAAAAAAAAAAAAAA',
    expiresAt: 2e12,
  }
  const claims = { sub: link.subject, bnd: link.binding, exp: 2e9 }
  const ours = cpuOf(() => signToken(link, key))
  const other = cpuOf(() =>
    jwt.sign(claims, text, { algorithm: 'HS256', keyid: key.id, audience: link.purpose, noTimestamp: true }),
  )
  yield {
    what: 'sign a link',
    ours: duration(ours / 1000),
    ratio: other / ours,
    otherwise: 'with the key as a string',
  }
}
