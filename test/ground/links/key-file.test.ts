import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { readKeyFile, revokeKey, rotateKeyFile } from '../../../src/ground/links/key-file.ts'
import { openKeyRing } from '../../../src/ground/links/key-ring.ts'
import { signToken } from '../../../src/ground/links/token.ts'
import { newKey } from '../../../src/ground/links/token-key.ts'
import { NOW } from '../../embedded/clock.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { refusalOf } from './refusal-of.ts'

test('a missing file is created, and only its owner may read it', () => {
  const path = join(temporaryFolder(), 'token.keys')
  const [key] = readKeyFile(path, NOW)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(key).toMatchObject({ createdAt: NOW, verifiesUntil: null })
  expect(key?.key.symmetricKeySize).toBe(32)
  expect(exported(readKeyFile(path, NOW + 1))).toEqual(exported(key ? [key] : []))
})

test.each([0o640, 0o604, 0o620, 0o601, 0o644])(
  'a file to which others have access is refused: mode %o',
  mode => {
    const path = join(temporaryFolder(), 'token.keys')
    readKeyFile(path, NOW)
    chmodSync(path, mode)
    expect(refusalOf(() => readKeyFile(path, NOW))).toMatchObject({
      code: 'KEY_FILE_UNSAFE',
      message: expect.stringContaining(`chmod 600 ${path}`),
    })
  },
)

test('a read-only file is accepted, because a systemd credential has mode 0400', () => {
  const path = join(temporaryFolder(), 'token.keys')
  readKeyFile(path, NOW)
  chmodSync(path, 0o400)
  expect(readKeyFile(path, NOW)).toHaveLength(1)
})

const SECRET = 'A'.repeat(43)

test.each([
  ['empty', ''],
  ['cut off', `{"keys":[{"id":"a","secret":"${SECRET}","cre`],
  ['not JSON', SECRET],
  ['without keys', '{"keys":[]}'],
  ['of another form', JSON.stringify({ keys: [SECRET] })],
  [
    'with a short secret',
    JSON.stringify({
      keys: [{ id: 'a', secret: 'AAAAAAAA', createdAt: '2026-03-11T05:00:00Z', verifiesUntil: null }],
    }),
  ],
  [
    'with an unknown field',
    JSON.stringify({
      keys: [{ id: 'a', secret: SECRET, createdAt: '2026-03-11T05:00:00Z', verifiesUntil: null, x: 1 }],
    }),
  ],
])('a damaged file (%s) is reported without its content, and not changed', (_, text) => {
  const path = join(temporaryFolder(), 'token.keys')
  writeFileSync(path, text, { mode: 0o600 })
  const { code, message } = refusalOf(() => readKeyFile(path, NOW))
  expect(code).toBe('KEY_FILE_INVALID')
  expect(message).toContain(path)
  expect(message).not.toContain('AAAA')
  expect(refusalOf(() => rotateKeyFile(path, NOW, DAY)).code).toBe('KEY_FILE_INVALID')
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('a missing folder, and a folder in place of the file, are reported', () => {
  const folder = temporaryFolder()
  expect(refusalOf(() => readKeyFile(join(folder, 'no', 'token.keys'), NOW)).message).toContain(
    `mkdir -p ${join(folder, 'no')}`,
  )
  mkdirSync(join(folder, 'token.keys'), { mode: 0o700 })
  expect(refusalOf(() => readKeyFile(join(folder, 'token.keys'), NOW)).message).toContain('EISDIR')
})

test('a new key signs; the old one verifies until its last link has expired, and is then removed', () => {
  const path = join(temporaryFolder(), 'token.keys')
  const [old] = readKeyFile(path, NOW)
  const rotated = rotateKeyFile(path, NOW + 1000, 14 * DAY)
  expect(rotated.map(key => key.verifiesUntil)).toEqual([null, NOW + 1000 + 14 * DAY])
  expect(rotated[1]?.id).toBe(old?.id)
  expect(exported(readKeyFile(path, NOW))).toEqual(exported(rotated))
  const later = rotateKeyFile(path, NOW + 1000 + 14 * DAY, 14 * DAY)
  expect(later.map(key => key.id)).toEqual([later[0]?.id, rotated[0]?.id])
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(path, '..'))).toEqual(['token.keys'])
})

test('no id of a key begins like an option of the command line', () => {
  for (let made = 0; made < 1000; made += 1) expect(newKey(NOW).id).toMatch(/^\w[\w-]{7}$/)
})

test('a rotation takes effect even if the clock was put back', () => {
  const path = join(temporaryFolder(), 'token.keys')
  readKeyFile(path, NOW)
  const [fresh] = rotateKeyFile(path, NOW - DAY, 14 * DAY)
  expect(readKeyFile(path, NOW)[0]?.id).toBe(fresh?.id)
})

describe('a key file that is a link', () => {
  test('stays one, and the file that it leads to is made and changed', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'elsewhere'))
    const path = join(folder, 'token.keys')
    symlinkSync('elsewhere/real.keys', path)
    const [first] = readKeyFile(path, NOW)
    const [second] = rotateKeyFile(path, NOW + 1, DAY)
    const [third] = revokeKey(path, second?.id ?? '', NOW + 2, DAY)
    expect(readlinkSync(path)).toBe('elsewhere/real.keys')
    expect(readKeyFile(join(folder, 'elsewhere', 'real.keys'), NOW).map(key => key.id)).toEqual([
      third?.id,
      second?.id,
      first?.id,
    ])
    expect(readdirSync(folder)).toEqual(['elsewhere', 'token.keys'])
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual(['real.keys'])
  })

  test('may not lead in a circle', () => {
    const path = join(temporaryFolder(), 'token.keys')
    symlinkSync('token.keys', path)
    expect(refusalOf(() => readKeyFile(path, NOW)).message).toContain('leads in a circle')
  })
})

const unexpected = (error: unknown): never => {
  throw error
}

test('a running process notices a rotation without a restart', () => {
  const path = join(temporaryFolder(), 'token.keys')
  const ring = openKeyRing(path, NOW, unexpected)
  const token = signToken(link, ring.current(NOW))
  const [fresh] = rotateKeyFile(path, NOW, 14 * DAY)
  expect(ring.current(NOW + 1000).id).toBe(fresh?.id)
  expect(verify(token, NOW + 2000)).toBe('item')
  expect(verify(token, NOW + 14 * DAY - 1)).toBe('item')
  expect(() => verify(token, NOW + 14 * DAY)).toThrow(expect.objectContaining({ code: 'LINK_FORGED' }))

  function verify(text: string, now: number) {
    return ring.verify(text, 'release', now).subject
  }
})

test('a running process keeps its keys when the file is damaged, and reports that once', () => {
  const path = join(temporaryFolder(), 'token.keys')
  const faults: unknown[] = []
  const ring = openKeyRing(path, NOW, fault => faults.push(fault))
  const { id } = ring.current(NOW)
  const token = signToken(link, ring.current(NOW))
  writeFileSync(path, 'damaged')
  expect(ring.current(NOW + 1000).id).toBe(id)
  expect(ring.verify(token, 'release', NOW + 2000)).toEqual(link)
  expect(faults).toEqual([expect.objectContaining({ code: 'KEY_FILE_INVALID' })])
  expect(existsSync(path)).toBe(true)
  expect(ring.verify(token, 'release', NOW + 1500)).toEqual(link)
})

const link = { purpose: 'release', subject: 'item', binding: 'x', expiresAt: NOW + 30 * DAY } as const

const exported = (keys: readonly { id: string; key: { export(): Buffer } }[]) =>
  keys.map(key => [key.id, key.key.export().toString('hex')])
