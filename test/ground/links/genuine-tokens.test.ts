import { expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { createTokenReader } from '../../../src/ground/links/genuine-tokens.ts'
import { signToken } from '../../../src/ground/links/token.ts'
import { newKey, revoked } from '../../../src/ground/links/token-key.ts'
import { NOW } from '../../embedded/clock.ts'

const key = newKey(NOW)
const link = { purpose: 'release', subject: 'item', binding: 'people', expiresAt: NOW + DAY } as const
const token = signToken(link, key)

test('a genuine token that was read before is read again without its signature', () => {
  const read = createTokenReader()
  expect(read(token, [key], NOW)).toMatchObject({ sub: 'item' })
  expect(read(token, [key], NOW)).toBe(read(token, [key], NOW))
})

test('a token that was read before is refused when its key was removed, revoked or has ended', () => {
  const read = createTokenReader()
  const ending = { ...key, verifiesUntil: NOW + 1 }
  expect(read(token, [ending], NOW)).toMatchObject({ sub: 'item' })
  expect(read(token, [ending], NOW + 1)).toBe('LINK_FORGED')
  expect(read(token, [newKey(NOW)], NOW)).toBe('LINK_FORGED')
  expect(read(token, [revoked(key)], NOW)).toBe('LINK_FORGED')
})

test('a token that was refused is looked at again', () => {
  const read = createTokenReader()
  const changed = `${token.slice(0, -4)}AAAA`
  for (let time = 0; time < 2; time += 1) expect(read(changed, [key], NOW)).toBe('LINK_FORGED')
  expect(read(token, [key], NOW)).toMatchObject({ sub: 'item' })
  expect(read(changed, [key], NOW)).toBe('LINK_FORGED')
})
