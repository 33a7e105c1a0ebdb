import { randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readKeyFile } from '../../src/ground/links/key-file.ts'
import type { DigestMail } from './digest-mail.ts'
import { tokenOf } from './follow.ts'
import { PUBLIC_URL } from './program.ts'
import { type ServedWorld, startServedWorld } from './served-world.ts'

let world: ServedWorld
/** The digest whose links these tests try to abuse, without success. */
let digest: DigestMail

beforeAll(async () => {
  world = await startServedWorld()
  digest = await world.digestOf('alice@example.com', { subject: 'Ours' })
})
afterAll(() => world?.[Symbol.asyncDispose]())

test.each([
  { what: 'was cut off', make: (token: string) => token.slice(0, -20), status: 401, code: 'LINK_FORGED' },
  {
    what: 'was cut off early',
    make: (token: string) => token.slice(0, 30),
    status: 400,
    code: 'LINK_MALFORMED',
  },
  { what: 'is garbage', make: () => 'garbage', status: 400, code: 'LINK_MALFORMED' },
  { what: 'is three pieces of garbage', make: () => 'gar.ba.ge', status: 400, code: 'LINK_MALFORMED' },
  { what: 'is not UTF-8', make: () => '%E0%A4%A', status: 400, code: 'LINK_MALFORMED' },
  {
    what: 'is far too long',
    make: (token: string) => token + 'x'.repeat(2000),
    status: 400,
    code: 'LINK_MALFORMED',
  },
  { what: 'has no signature', make: unsigned, status: 401, code: 'LINK_FORGED' },
  { what: 'was signed with a foreign key', make: foreign, status: 401, code: 'LINK_FORGED' },
  { what: 'names no key', make: keyless, status: 401, code: 'LINK_FORGED' },
  { what: 'was signed with another algorithm', make: withHs512, status: 401, code: 'LINK_FORGED' },
  {
    what: 'was made for somebody else',
    make: resigned({ bnd: 'x'.repeat(16) }),
    status: 401,
    code: 'LINK_FORGED',
  },
  { what: 'names no recipient', make: resigned({ bnd: undefined }), status: 400, code: 'LINK_MALFORMED' },
  { what: 'has expired', make: resigned({ exp: 1_700_000_000 }), status: 410, code: 'LINK_EXPIRED' },
  {
    what: 'leads to a row that is gone',
    make: resigned({ sub: 'x'.repeat(20) }),
    status: 404,
    code: 'MESSAGE_GONE',
  },
])('a link that $what is refused ($status) and does nothing', async ({ make, status, code }) => {
  const token = make(tokenOf(digest.release('Ours')))
  const link = `${PUBLIC_URL}/release/${token}`
  expect(await world.post(link, 'confirm=yes')).toMatchObject({ status, json: { status: 'failed', code } })
  const page = await world.get(link)
  expect(page.status).toBe(status)
  expect(page.text).toContain('</h1>')
  // Only the form that asks for a fresh digest names it.
  expect(page.text.replace(/action="[^"]*\/fresh\/[^"]*"/, '')).not.toContain(token)
  expect(world.mta.mails).toEqual([])
  expect(await world.storage.query('SELECT * FROM digest_release')).toEqual([])
})

test('a link for one purpose does not work for another', async () => {
  const tokens = {
    release: tokenOf(digest.release('Ours')),
    digest: tokenOf(digest.digest),
    preferences: tokenOf(digest.preferences),
  }
  const places = Object.keys(tokens)
  const tried = Object.entries(tokens).flatMap(([purpose, token]) =>
    places.filter(place => place !== purpose).map(place => `${PUBLIC_URL}/${place}/${token}`),
  )
  expect(tried).toHaveLength(6)
  for (const link of tried) {
    expect(await world.get(link)).toMatchObject({ status: 401 })
    expect(await world.post(link, 'pause=yes&confirm=yes')).toMatchObject({ status: 401 })
  }
  expect(world.mta.mails).toEqual([])
  expect(await world.storage.query('SELECT * FROM digest_preference')).toEqual([])
})

test('a token reveals nothing about the mail or its people', async () => {
  const [header, payload] = tokenOf(digest.release('Ours'))
    .split('.')
    .map(part => Buffer.from(part, 'base64url').toString())
  expect(JSON.parse(header ?? '')).toEqual({ alg: 'HS256', typ: 'JWT', kid: expect.any(String) })
  expect(Object.keys(JSON.parse(payload ?? '')).sort()).toEqual(['aud', 'bnd', 'exp', 'sub'])
  const [held] = await world.storage.query<{ mail_id: string; secret_id: string }>('SELECT * FROM msgs')
  for (const secret of [held?.mail_id, held?.secret_id]) expect(payload).not.toContain(String(secret))
})

test('after a rotation old links still work, new links use the new key, and no restart is needed', async () => {
  const rotated = await world.program.command('keys', 'rotate', '--json')
  const [newest] = JSON.parse(rotated.stdout)
  const after = await world.digestOf('bob@example.com', { subject: 'After' })
  expect(keyIdOf(digest.release('Ours'))).not.toBe(newest.id)
  expect(keyIdOf(after.release('After'))).toBe(newest.id)
  // The service checks the key file once a second.
  await expect
    .poll(async () => (await world.get(after.release('After'))).status, { timeout: 5_000 })
    .toBe(200)
  expect(await world.post(digest.release('Ours'))).toMatchObject({ json: { status: 'released' } })
  expect(await world.post(after.release('After'))).toMatchObject({ json: { status: 'released' } })
})

const keyIdOf = (link: string) => jwt.decode(tokenOf(link), { complete: true })?.header.kid

function unsigned(token: string): string {
  const [, payload] = token.split('.')
  const header = { alg: 'none', typ: 'JWT', kid: ourKey().id }
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.`
}

function foreign(token: string): string {
  return jwt.sign(claimsOf(token), randomBytes(32), { keyid: ourKey().id })
}

function keyless(token: string): string {
  return jwt.sign(claimsOf(token), ourKey().key)
}

function withHs512(token: string): string {
  return jwt.sign(claimsOf(token), ourKey().key, { keyid: ourKey().id, algorithm: 'HS512' })
}

/** Signs a token with the real key, but with other claims. */
function resigned(other: Readonly<Record<string, unknown>>): (token: string) => string {
  return token => {
    const claims = Object.entries({ ...claimsOf(token), ...other }).filter(([, value]) => value !== undefined)
    return jwt.sign(Object.fromEntries(claims), ourKey().key, { keyid: ourKey().id, noTimestamp: true })
  }
}

function claimsOf(token: string): jwt.JwtPayload {
  const claims = jwt.decode(token)
  if (claims === null || typeof claims === 'string') throw new Error('no claims')
  return claims
}

function ourKey() {
  const [newest] = readKeyFile(world.program.keyFile, Date.now())
  if (!newest) throw new Error('no key')
  return newest
}
