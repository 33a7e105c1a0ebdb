import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { readKeyFile, rotateKeyFile } from '../../../src/ground/links/key-file.ts'
import { NOW } from '../../embedded/clock.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { refusalOf } from './refusal-of.ts'

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

  test('refuses a file or link of another user in a folder for all, such as /tmp', () => {
    const { path, victim } = planted()
    const shared = join(path, '..', '..', 'shared')
    mkdirSync(shared)
    chmodSync(shared, 0o1777)
    const foreign = join(shared, 'token.keys')
    copyFileSync(path, foreign)
    chownSync(foreign, 0, 0)
    chmodSync(foreign, 0o600)
    expect(readKeyFile(foreign, NOW)).toHaveLength(1)
    chownSync(foreign, SERVICE, SERVICE)
    const refused = {
      code: 'KEY_FILE_UNSAFE',
      message: expect.stringContaining('Keep the keys in a folder of their own: set links.keyFile.'),
    }
    expect(refusalOf(() => readKeyFile(foreign, NOW))).toMatchObject(refused)
    rmSync(foreign)
    symlinkSync(victim, foreign)
    lchownSync(foreign, SERVICE, SERVICE)
    rmSync(victim)
    expect(refusalOf(() => rotateKeyFile(foreign, NOW, DAY))).toMatchObject(refused)
    expect(existsSync(victim)).toBe(false)
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

describe.skipIf(process.getuid?.() !== 0)(
  'a user who lacks a right is told which, to what, and the command',
  () => {
    test.each([
      [
        'to write the folder',
        (folder: string) => {
          chmodSync(folder, 0o755)
          return `this program runs as nobody, who may not write ${folder}, which belongs to root:root (mode 755). As root: chown nobody: ${folder}`
        },
      ],
      [
        'to enter the folder',
        (folder: string) => {
          chmodSync(folder, 0o700)
          return `who may not enter ${folder}, which belongs to root:root (mode 700). As root: chmod o+x ${folder}`
        },
      ],
      [
        'to read the file',
        (folder: string) => {
          chmodSync(folder, 0o755)
          const file = join(folder, 'token.keys')
          readKeyFile(file, NOW)
          return `who may not read ${file}, which belongs to root:root (mode 600). As root: chown -h nobody: ${file}`
        },
      ],
      [
        'to make the folder',
        (folder: string) => {
          rmSync(folder, { recursive: true })
          return `there is no folder ${folder}. Run: mkdir -p ${folder} && chown nobody: ${folder}`
        },
      ],
    ])('%s', (_, arrange) => {
      const base = temporaryFolder()
      chmodSync(base, 0o755)
      const folder = join(base, 'state')
      mkdirSync(folder)
      const words = arrange(folder)
      const refusal = asNobody(() => refusalOf(() => readKeyFile(join(folder, 'token.keys'), NOW)))
      expect(refusal.code).toBe('KEY_FILE_INVALID')
      expect(refusal.message).toContain(words)
    })

    function asNobody<T>(work: () => T): T {
      process.setegid?.(65534)
      process.seteuid?.(65534)
      try {
        return work()
      } finally {
        process.seteuid?.(0)
        process.setegid?.(0)
      }
    }
  },
)
