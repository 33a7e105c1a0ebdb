import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import jwt from 'jsonwebtoken'
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/ground/durations.ts'
import { CodedError } from '../../../src/ground/errors.ts'
import { signedClaims } from '../../../src/ground/links/signature.ts'
import {
  bindingOf,
  type Link,
  linkOf,
  type Purpose,
  requireBinding,
  type SigningKey,
  signToken,
} from '../../../src/ground/links/token.ts'
import { NOW } from '../../embedded/clock.ts'

const key: SigningKey = { id: 'k1', key: createSecretKey(randomBytes(32)) }
const link: Link = {
  purpose: 'release',
  subject: 'Zx3_item-id_20_chars',
  binding: bindingOf('Alice@example.com', 'alice@example.com'),
  expiresAt: NOW + MINUTE,
}
const token = signToken(link, key)

test('a signed link is read back', () => {
  expect(verify(token)).toEqual(link)
})

test('the same link and key give the same token: a digest that is sent again has the same links', () => {
  expect(signToken(link, key)).toBe(token)
})

test('a token is the one that jsonwebtoken makes', () => {
  const text = fc.string({ unit: 'grapheme' }).map(each => each.toWellFormed())
  const purpose = fc.constantFrom<Purpose>('release', 'digest', 'preferences', 'destination', 'canary')
  fc.assert(
    fc.property(text, text, fc.option(text, { nil: undefined }), purpose, text, (sub, bnd, cpy, aud, id) => {
      const signed = signToken(
        { purpose: aud, subject: sub, binding: bnd, copy: cpy, expiresAt: NOW },
        { ...key, id },
      )
      const claims = { sub, bnd, ...(cpy !== undefined && { cpy }), exp: Math.floor(NOW / 1000) }
      expect(signed).toBe(
        jwt.sign(claims, key.key, { algorithm: 'HS256', keyid: id, audience: aud, noTimestamp: true }),
      )
    }),
  )
})

test('our tokens are short enough for a digest of 144 rows', () => {
  const longest = { ...link, purpose: 'preferences', subject: 'v'.repeat(25) } as const
  expect(signToken(longest, { ...key, id: 'ABCDEFGH' }).length).toBeLessThan(240)
})

test('a link in a copy says in which copy it stands, and no other link can be made to say so', () => {
  const copy = 'v'.repeat(25)
  const binding = bindingOf('Alice@example.com', 'alice@example.com', copy)
  const inCopy = { ...link, copy, binding }
  const signed = signToken(inCopy, { ...key, id: 'ABCDEFGH' })
  expect(signed.length).toBeLessThan(270)
  expect(verify(signToken(inCopy, key))).toEqual(inCopy)
  expect(() => requireBinding(inCopy, 'Alice@example.com', 'alice@example.com')).not.toThrow()
  for (const other of [
    { ...inCopy, copy: undefined },
    { ...link, copy },
    { ...inCopy, copy: 'other' },
  ])
    expect(() => requireBinding(other, 'Alice@example.com', 'alice@example.com')).toThrow(
      expect.objectContaining({ code: 'LINK_FORGED' }),
    )
})

test('a token reveals nothing about the mail or the people', () => {
  const [header = '', payload = ''] = token.split('.').map(part => Buffer.from(part, 'base64url').toString())
  expect(JSON.parse(header)).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'k1' })
  expect(JSON.parse(payload)).toEqual({
    sub: link.subject,
    bnd: expect.stringMatching(/^[\w-]{16}$/),
    aud: 'release',
    exp: link.expiresAt / 1000,
  })
  expect(payload).not.toMatch(/alice|example/i)
})

test('a token with any octet changed is refused', () => {
  const position = fc.integer({ min: 0, max: token.length - 1 })
  const octet = fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code))
  fc.assert(
    fc.property(position, octet, (at, character) => {
      fc.pre(token[at] !== character)
      const changed = token.slice(0, at) + character + token.slice(at + 1)
      // The last character of a signature carries bits that base64url ignores.
      fc.pre(!sameOctets(changed, token))
      expect(['LINK_MALFORMED', 'LINK_FORGED']).toContain(refusalOf(changed))
    }),
    { numRuns: 2000 },
  )
})

test('a token cut off at any length is refused', () => {
  for (let length = 0; length < token.length; length += 1) {
    expect(['LINK_MALFORMED', 'LINK_FORGED']).toContain(refusalOf(token.slice(0, length)))
  }
})

test.each<[string, Purpose]>([
  ['a digest', 'digest'],
  ['preferences', 'preferences'],
])('a link to release does not open %s', (_, purpose) => {
  expect(refusalOf(token, purpose)).toBe('LINK_FORGED')
})

test('a link expires at its exact time, and not before', () => {
  expect(verify(token, 'release', link.expiresAt - 1)).toEqual(link)
  expect(refusalOf(token, 'release', link.expiresAt)).toBe('LINK_EXPIRED')
})

test('an expired link for another purpose counts as forged, not as expired', () => {
  expect(refusalOf(token, 'digest', link.expiresAt)).toBe('LINK_FORGED')
})

test('a token signed with a foreign key, or with an unknown key id, is refused', () => {
  const foreign = { id: 'k1', key: createSecretKey(randomBytes(32)) }
  expect(refusalOf(signToken(link, foreign))).toBe('LINK_FORGED')
  expect(refusalOf(signToken(link, { ...key, id: 'k2' }))).toBe('LINK_FORGED')
})

test.each(['none', 'None', 'nOnE'])('a token with alg %s is refused, with and without a signature', alg => {
  const unsigned = `${encode({ alg, typ: 'JWT', kid: 'k1' })}.${token.split('.')[1]}`
  expect(['LINK_MALFORMED', 'LINK_FORGED']).toContain(refusalOf(`${unsigned}.`))
  expect(['LINK_MALFORMED', 'LINK_FORGED']).toContain(refusalOf(`${unsigned}.${token.split('.')[2]}`))
})

test('another algorithm is refused, even with a signature by our key', () => {
  const body = `${encode({ alg: 'HS512', typ: 'JWT', kid: 'k1' })}.${token.split('.')[1]}`
  const signature = createHmac('sha512', key.key).update(body).digest('base64url')
  expect(refusalOf(`${body}.${signature}`)).toBe('LINK_FORGED')
})

test.each<[string, object]>([
  ['no subject', { bnd: 'x', aud: 'release', exp: 9e9 }],
  ['a subject that is an object', { sub: {}, bnd: 'x', aud: 'release', exp: 9e9 }],
  ['no binding', { sub: 'x', aud: 'release', exp: 9e9 }],
  ['no expiry', { sub: 'x', bnd: 'x', aud: 'release' }],
  ['several purposes', { sub: 'x', bnd: 'x', aud: ['release', 'digest'], exp: 9e9 }],
])('a signed token with %s is refused', (_, claims) => {
  const body = `${encode({ alg: 'HS256', typ: 'JWT', kid: 'k1' })}.${encode(claims)}`
  const signed = `${body}.${createHmac('sha256', key.key).update(body).digest('base64url')}`
  expect(['LINK_MALFORMED', 'LINK_FORGED']).toContain(refusalOf(signed))
})

test('a signed string and a signed list are refused', () => {
  for (const payload of ['"release"', '[1]', 'null', '7', '{']) {
    const body = `${encode({ alg: 'HS256', kid: 'k1' })}.${Buffer.from(payload).toString('base64url')}`
    const signed = `${body}.${createHmac('sha256', key.key).update(body).digest('base64url')}`
    expect(['LINK_MALFORMED', 'LINK_FORGED']).toContain(refusalOf(signed))
  }
})

test('a key id that is not a string, or is a property of every object, finds no key', () => {
  for (const kid of [1, {}, ['k1'], null, '__proto__', 'constructor', '']) {
    expect(refusalOf(`${encode({ alg: 'HS256', kid })}.${token.split('.')[1]}.${token.split('.')[2]}`)).toBe(
      'LINK_FORGED',
    )
  }
})

test('an over-long token is refused', () => {
  expect(refusalOf(`${token}${'A'.repeat(1024)}`)).toBe('LINK_MALFORMED')
  const long = jwt.sign({ ...link, bnd: 'x'.repeat(900) }, key.key, { keyid: 'k1', audience: 'release' })
  expect(refusalOf(long)).toBe('LINK_MALFORMED')
})

test('garbage is refused and never crashes', () => {
  const part = fc.oneof(
    fc.base64String(),
    fc.string(),
    fc.json().map(text => Buffer.from(text).toString('base64url')),
  )
  const garbage = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 2000 }),
    fc.array(part, { minLength: 1, maxLength: 5 }).map(parts => parts.join('.')),
  )
  fc.assert(
    fc.property(garbage, text => {
      expect(['LINK_MALFORMED', 'LINK_FORGED']).toContain(refusalOf(text))
    }),
    { numRuns: 1000 },
  )
})

test('no error message contains the token', () => {
  for (const bad of [token.slice(1), `${token}x`, signToken(link, { ...key, id: 'k2' })]) {
    expect(() => verify(bad)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(bad.slice(5, 30)) }),
    )
  }
})

test('a token is bound to the exact spelling of its recipient and its reader', () => {
  expect(() => requireBinding(link, 'Alice@example.com', 'alice@example.com')).not.toThrow()
  for (const [recipient, reader] of [
    ['alice@example.com', 'alice@example.com'],
    ['Alice@example.com', 'bob@example.com'],
    ['Alice@example.comalice@example.com', ''],
  ] as const) {
    expect(() => requireBinding(link, recipient, reader)).toThrow(
      expect.objectContaining({ code: 'LINK_FORGED' }),
    )
  }
})

const verify = (text: string, purpose: Purpose = 'release', now = NOW) =>
  linkOf(
    signedClaims(text, id => (id === key.id ? key : undefined)),
    purpose,
    now,
  )

function refusalOf(text: string, purpose: Purpose = 'release', now = NOW): string {
  try {
    verify(text, purpose, now)
    return 'accepted'
  } catch (error) {
    return error instanceof CodedError ? error.code : `crash: ${String(error)}`
  }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const sameOctets = (a: string, b: string) => {
  const [parts, others] = [a.split('.'), b.split('.')]
  return (
    parts.length === others.length &&
    parts.slice(0, 2).join() === others.slice(0, 2).join() &&
    Buffer.from(parts[2] ?? '', 'base64url').equals(Buffer.from(others[2] ?? '', 'base64url'))
  )
}
