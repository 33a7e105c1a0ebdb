import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isInRange, readInstallation } from '../../../src/ground/installation/installed.ts'
import { nodeFinding, packageFindings } from '../../../src/work/doctor/program-checks.ts'

const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('what is installed here is what package.json asks for', () => {
  expect(packageFindings(readInstallation())).toMatchObject([{ status: 'ok' }])
  expect(nodeFinding(readInstallation(), process.version)).toMatchObject({ status: 'ok' })
})

test('a Node that is too old is named', () => {
  expect(nodeFinding({ node: 24 }, 'v20.19.1')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('v20.19.1'),
    fix: 'Install Node 24.',
  })
})

test('a package of another version, and one that is missing, are named', () => {
  const install = (name: string, version: string) => {
    const place = join(folder, 'node_modules', name)
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'package.json'), JSON.stringify({ name, version }))
  }
  install('older', '1.9.9')
  install('fine', '1.2.4')
  const file = join(folder, 'package.json')
  const dependencies = { older: '^2.0.0', fine: '^1.2.3', absent: '^1.0.0' }
  writeFileSync(file, JSON.stringify({ name: 'x', engines: { node: '>=24' }, dependencies }))
  const findings = packageFindings(readInstallation(file))
  expect(findings.map(({ message }) => message)).toEqual([
    'package older is version 1.9.9: this program needs ^2.0.0',
    'package absent is not installed: this program needs ^1.0.0',
  ])
})

test('a program without packages beside it has them built in', () => {
  expect(packageFindings({ packages: [{ name: 'x', wanted: '^1.0.0', found: undefined }] })).toMatchObject([
    { status: 'skip' },
  ])
})

test.each([
  ['1.2.3', '^1.2.3', true],
  ['1.3.0', '^1.2.3', true],
  ['1.2.2', '^1.2.3', false],
  ['1.1.9', '^1.2.3', false],
  ['2.0.0', '^1.2.3', false],
  ['1.2.9', '~1.2.3', true],
  ['1.3.0', '~1.2.3', false],
  ['7.0.0', '>=3', true],
])('%s is in %s: %s', (version, range, expected) => {
  expect(isInRange(version, range)).toBe(expected)
})
