import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Check } from '../../../src/ground/health/check.ts'
import { findingsOf } from '../../../src/ground/health/findings-of.ts'
import { readKeyFile } from '../../../src/ground/links/key-file.ts'
import { templateFiles } from '../../../src/ground/templates/template-files.ts'
import { diskCheck, diskFinding, keyFileCheck, templatesCheck } from '../../../src/work/doctor/file-checks.ts'

const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const found = async (check: Check) => {
  const findings = await findingsOf(check, 5000)
  return findings === 'silent' ? undefined : findings[0]
}

const keyCheck = (path: string) => keyFileCheck(path, () => Date.now())

function newKeyFile(name: string): string {
  const own = join(folder, name)
  mkdirSync(own, { mode: 0o700 })
  const path = join(own, 'token.keys')
  readKeyFile(path, Date.now())
  return path
}

test('a key file for its owner alone is fine', async () => {
  expect(await found(keyCheck(newKeyFile('fine')))).toMatchObject({ status: 'ok' })
})

test('a key file that is missing is named, and not made', async () => {
  const path = join(folder, 'missing.keys')
  expect(await found(keyCheck(path))).toMatchObject({
    status: 'fail',
    code: 'KEY_FILE_LOST',
    message: expect.stringContaining(path),
  })
  expect(existsSync(path)).toBe(false)
})

test('a key file that others may read is named with the command that mends it', async () => {
  const path = newKeyFile('open')
  chmodSync(path, 0o644)
  expect(await found(keyCheck(path))).toMatchObject({
    status: 'fail',
    code: 'KEY_FILE_UNSAFE',
    fix: `Run: chmod 600 ${path}`,
  })
})

test.runIf(process.getuid?.() === 0)('a key file of another user than its folder is named', async () => {
  const path = newKeyFile('foreign')
  chownSync(join(path, '..'), 33, 33)
  expect(await found(keyCheck(path))).toMatchObject({
    status: 'fail',
    fix: expect.stringMatching(/^sudo chown \S+: .*token\.keys$/),
  })
})

test('the disk of a file that is not there is named', async () => {
  expect(await found(diskCheck('storage.disk', join(folder, 'none', 'x.sqlite')))).toMatchObject({
    status: 'fail',
    code: 'DATABASE_UNREACHABLE',
  })
  expect(await found(diskCheck('storage.disk', join(folder, 'x.sqlite')))).toMatchObject({
    message: expect.stringMatching(/^\d+ MB \(\d+ %\) are free on the disk of/),
  })
})

const GIGABYTE = 1024 ** 3

test.each([
  [100 * GIGABYTE, 1000 * GIGABYTE, 'ok'],
  [2 * GIGABYTE, 1000 * GIGABYTE, 'warn'],
  [GIGABYTE / 4, GIGABYTE, 'warn'],
  [GIGABYTE / 64, GIGABYTE, 'fail'],
  [0, 0, 'fail'],
])('with %i of %i octets free, the disk is: %s', (free, size, status) => {
  expect(diskFinding('/x.sqlite', { free, size }).status).toBe(status)
})

test("an admin's template that shows less than ours is named", async () => {
  const own = join(folder, 'templates')
  mkdirSync(own)
  expect(await found(templatesCheck(() => templateFiles(own)))).toMatchObject({ status: 'ok' })
  writeFileSync(join(own, 'digest.txt'), 'Hello')
  expect(await found(templatesCheck(() => templateFiles(own)))).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('digest.txt'),
  })
})
