import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startChild } from '../servers/child.ts'
import { waitUntil } from '../servers/wait.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-package-'))
const own = join(folder, 'package')
const cli = join(own, 'dist/src/cli.js')
let files: readonly string[]

beforeAll(() => {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], ROOT))
  files = packed.files.map((file: { path: string }) => file.path)
  run('tar', ['xzf', packed.filename], folder)
  // As installed, but with the packages that are here already.
  symlinkSync(join(ROOT, 'node_modules'), join(own, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the package holds what runs, and nothing else', () => {
  const folders = new Set(files.map(file => file.split('/')[0]))
  expect([...folders].sort()).toEqual([
    'LICENSE',
    'README.md',
    'dist',
    'ops',
    'package.json',
    'packaging',
    'templates',
  ])
  expect(files).toContain('dist/migrations/0001-first-tables.js')
  expect(files.filter(file => /\.(ts|map|test\.js)$/.test(file))).toEqual([])
  expect(readFileSync(cli, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})

test('its command runs from anywhere', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(run(process.execPath, [cli, '--version'], '/')).toBe(`${version}\n`)
})

test('its demo finds the templates and the template compiler, and stops when told', async () => {
  const args = [cli, 'demo', '--port', '0', '--inbox-port', '0', '--json']
  const demo = startChild(process.execPath, args, { cwd: '/' })
  const urls = () => /^\{.*\}$/m.exec(demo.output())?.[0]
  const { inbox } = JSON.parse(await demo.whileAlive(waitUntil('the first digest', urls)))
  expect(await (await fetch(inbox)).text()).toContain('held back')
  await demo.stop()
  expect(demo.output()).toContain('Nothing is left behind')
})

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
