import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { CodedError } from '../../../src/ground/errors.ts'
import { readKeyFile, revokeKey, rotateKeyFile } from '../../../src/ground/links/key-file.ts'
import { withKeyFileLock } from '../../../src/ground/links/key-lock.ts'
import { openKeyRing } from '../../../src/ground/links/key-ring.ts'
import { signToken } from '../../../src/ground/links/token.ts'
import { NOW } from '../../embedded/clock.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

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

describe.skipIf(process.getuid?.() !== 0)('root, in the folder of the service’s user', () => {
  const SERVICE = 65534

  test('follows no link that was planted for the new file, and the keys stay the user’s', () => {
    const { folder, path, victim } = planted()
    symlinkSync(victim, `${path}.new`)
    rotateKeyFile(path, NOW, DAY)
    expect(statSync(victim)).toMatchObject({ uid: 0, gid: 0, mode: statSync(victim).mode })
    expect(readFileSync(victim, 'utf8')).toBe('mine')
    expect(statSync(path)).toMatchObject({ uid: SERVICE, gid: SERVICE })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).sort()).toEqual(['token.keys', 'token.keys.new'])
  })

  test('writes nowhere that the user could not write: a link to a key file of root’s', () => {
    const { path, victim } = planted()
    rmSync(victim)
    readKeyFile(victim, NOW)
    const text = readFileSync(victim, 'utf8')
    rmSync(path)
    symlinkSync(victim, path)
    const { code, message } = refusalOf(() => rotateKeyFile(path, NOW, DAY))
    expect(code).toBe('KEY_FILE_INVALID')
    expect(message).toContain('nobody')
    expect(readFileSync(victim, 'utf8')).toBe(text)
    expect(statSync(victim).uid).toBe(0)
  })

  test('makes no file where a link leads to none', () => {
    const { path, victim } = planted()
    rmSync(victim)
    rmSync(path)
    symlinkSync(victim, path)
    expect(refusalOf(() => readKeyFile(path, NOW)).code).toBe('KEY_FILE_INVALID')
    expect(existsSync(victim)).toBe(false)
  })

  test('takes over a lock that is a link without writing to what it leads to', () => {
    const { path, victim } = planted()
    symlinkSync(victim, `${path}.lock`)
    expect(rotateKeyFile(path, NOW, DAY)).toHaveLength(2)
    expect(readFileSync(victim, 'utf8')).toBe('mine')
  })

  test('is not kept waiting by a pipe in place of the file', () => {
    const { path } = planted()
    rmSync(path)
    execFileSync('mkfifo', ['-m', '600', path])
    expect(refusalOf(() => readKeyFile(path, NOW)).code).toBe('KEY_FILE_INVALID')
  })

  test('makes a missing file the user’s', () => {
    const { path } = planted()
    rmSync(path)
    readKeyFile(path, NOW)
    expect(statSync(path)).toMatchObject({ uid: SERVICE, gid: SERVICE })
  })

  test('refuses a folder that several users may write', () => {
    const { folder, path } = planted()
    chmodSync(folder, 0o777)
    expect(refusalOf(() => rotateKeyFile(path, NOW, DAY))).toMatchObject({
      code: 'KEY_FILE_UNSAFE',
      message: expect.stringContaining(`chmod go-w ${folder}`),
    })
  })

  test('is itself again afterwards, also after a failure', () => {
    const { folder, path } = planted()
    rotateKeyFile(path, NOW, DAY)
    chmodSync(folder, 0o500)
    const refusal = refusalOf(() => rotateKeyFile(path, NOW, DAY))
    expect(refusal.message).toContain(
      `nobody, whose folder it is, may not write ${folder}, which belongs to nobody:nogroup (mode 500)`,
    )
    expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, 0])
  })

  /** A folder of the user's with keys, and a file of root's that is worth stealing. */
  function planted() {
    const base = temporaryFolder()
    const victim = join(base, 'victim')
    writeFileSync(victim, 'mine', { mode: 0o600 })
    const folder = join(base, 'state')
    mkdirSync(folder, { mode: 0o700 })
    chownSync(folder, SERVICE, SERVICE)
    const path = join(folder, 'token.keys')
    readKeyFile(path, NOW)
    return { folder, path, victim }
  }
})

test.skipIf(process.getuid?.() !== 0)(
  'in a folder of root’s alone, the keys stay those of the service’s user',
  () => {
    const path = join(temporaryFolder(), 'token.keys')
    readKeyFile(path, NOW)
    chownSync(path, 65534, 65534)
    rotateKeyFile(path, NOW, DAY)
    expect(statSync(path)).toMatchObject({ uid: 65534, gid: 65534 })
  },
)

describe('a lock', () => {
  test('of a process that died is taken over, also if its number belongs to another one now', () => {
    const path = join(temporaryFolder(), 'token.keys')
    readKeyFile(path, NOW)
    const dead = spawnSync('true').pid
    for (const holder of [
      { id: 'a', pid: dead, host: hostname() },
      { id: 'b', pid: process.pid, host: hostname(), started: '1' },
      'damaged',
    ]) {
      writeFileSync(`${path}.lock`, typeof holder === 'string' ? holder : JSON.stringify(holder))
      rotateKeyFile(path, NOW, DAY)
      expect(readdirSync(join(path, '..'))).toEqual(['token.keys'])
    }
    expect(readKeyFile(path, NOW)).toHaveLength(4)
  })

  test('of a process that lives is waited for, and then named', () => {
    const path = join(temporaryFolder(), 'token.keys')
    writeFileSync(`${path}.lock`, JSON.stringify({ id: 'a', pid: process.ppid, host: hostname() }))
    expect(refusalOf(() => withKeyFileLock(path, path, () => expect.unreachable(), 100))).toMatchObject({
      code: 'KEY_FILE_BUSY',
      message: expect.stringContaining(`Process ${process.ppid} on ${hostname()}`),
    })
  })
})

test('what a killed rotation left is removed by the next one', () => {
  const path = join(temporaryFolder(), 'token.keys')
  readKeyFile(path, NOW)
  writeFileSync(`${path}.next-x`, 'keys')
  rotateKeyFile(path, NOW, DAY)
  expect(readdirSync(join(path, '..'))).toEqual(['token.keys'])
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

function refusalOf(work: () => unknown): CodedError {
  try {
    work()
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
  throw new Error('it was not refused')
}
