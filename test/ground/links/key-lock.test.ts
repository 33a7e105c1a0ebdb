import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { readKeyFile, rotateKeyFile } from '../../../src/ground/links/key-file.ts'
import { withKeyFileLock } from '../../../src/ground/links/key-lock.ts'
import { NOW } from '../../embedded/clock.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { refusalOf } from './refusal-of.ts'

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
