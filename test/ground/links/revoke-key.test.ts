import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { readKeyFile, revokeKey, rotateKeyFile } from '../../../src/ground/links/key-file.ts'
import { openKeyRing } from '../../../src/ground/links/key-ring.ts'
import { signToken } from '../../../src/ground/links/token.ts'
import { NOW } from '../../embedded/clock.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { refusalOf } from './refusal-of.ts'

describe('revoking', () => {
  test('an older key ends its links at once, and the key that signs stays', () => {
    const path = join(temporaryFolder(), 'token.keys')
    const ring = openKeyRing(path, NOW, unexpected)
    const token = signToken(link, ring.current(NOW))
    const [signing, old] = rotateKeyFile(path, NOW, 14 * DAY)
    expect(ring.verify(token, 'release', NOW + 1000)).toEqual(link)
    const left = revokeKey(path, old?.id ?? '', NOW + 1000, 14 * DAY)
    expect(left.map(key => key.id)).toEqual([signing?.id])
    expect(() => ring.verify(token, 'release', NOW + 2000)).toThrow(
      expect.objectContaining({ code: 'LINK_FORGED' }),
    )
  })

  test('the only key makes a new one, which signs', () => {
    const path = join(temporaryFolder(), 'token.keys')
    const ring = openKeyRing(path, NOW, unexpected)
    const old = ring.current(NOW)
    const secret = old.key.export().toString('base64url')
    const left = revokeKey(path, old.id, NOW + 500, 14 * DAY)
    expect(left).toEqual([expect.objectContaining({ createdAt: NOW + 500, verifiesUntil: null })])
    expect(left[0]?.id).not.toBe(old.id)
    expect(ring.current(NOW + 2000).id).toBe(left[0]?.id)
    expect(readFileSync(path, 'utf8')).not.toContain(secret)
  })

  test('the key that signs makes a new one too, rather than sign with an older one', () => {
    const path = join(temporaryFolder(), 'token.keys')
    const [first] = readKeyFile(path, NOW)
    const [second] = rotateKeyFile(path, NOW + 1, 14 * DAY)
    const left = revokeKey(path, second?.id ?? '', NOW + 2, 14 * DAY)
    expect(left.map(key => key.id)).toEqual([expect.any(String), first?.id])
    expect([first?.id, second?.id]).not.toContain(left[0]?.id)
    expect(left[1]?.verifiesUntil).toBe(NOW + 1 + 14 * DAY)
  })

  test('names the keys that there are, if it is none of them, and changes nothing', () => {
    const path = join(temporaryFolder(), 'token.keys')
    const [key] = readKeyFile(path, NOW)
    const text = readFileSync(path, 'utf8')
    expect(refusalOf(() => revokeKey(path, 'other', NOW, DAY))).toMatchObject({
      code: 'KEY_UNKNOWN',
      message: `There is no key other. There are: ${key?.id}.`,
    })
    revokeKey(path, key?.id ?? '', NOW, DAY)
    expect(refusalOf(() => revokeKey(path, key?.id ?? '', NOW, DAY)).code).toBe('KEY_UNKNOWN')
    expect(readFileSync(path, 'utf8')).not.toBe(text)
  })

  test('keeps the age of the keys, until all links of the revoked one would have expired', () => {
    const path = join(temporaryFolder(), 'token.keys')
    const [key] = readKeyFile(path, NOW)
    revokeKey(path, key?.id ?? '', NOW + DAY, 14 * DAY)
    expect(openKeyRing(path, NOW, unexpected).since(NOW)).toBe(NOW)
    rotateKeyFile(path, NOW + 15 * DAY - 1, 14 * DAY)
    expect(openKeyRing(path, NOW, unexpected).since(NOW)).toBe(NOW)
    rotateKeyFile(path, NOW + 15 * DAY, 14 * DAY)
    expect(openKeyRing(path, NOW, unexpected).since(NOW)).toBe(NOW + DAY)
  })
})

const unexpected = (error: unknown): never => {
  throw error
}

const link = { purpose: 'release', subject: 'item', binding: 'x', expiresAt: NOW + 30 * DAY } as const
