import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startChild } from '../servers/child.ts'
import { waitUntil } from '../servers/wait.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-package-'))
const own = join(folder, 'package')
const command = join(own, 'bin/amavis-digest.js')
let files: readonly string[]

beforeAll(() => {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], ROOT))
  files = packed.files.map((file: { path: string }) => file.path)
  run('tar', ['xzf', packed.filename], folder)
  // Like an installed package, but with the dependencies of this checkout.
  symlinkSync(join(ROOT, 'node_modules'), join(own, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the package contains the program, and nothing else', () => {
  const folders = new Set(files.map(file => file.split('/')[0]))
  expect([...folders].sort()).toEqual([
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'ops',
    'package.json',
    'packaging',
    'templates',
  ])
  expect(files).toContain('dist/migrations/0001-first-tables.js')
  expect(files.filter(file => /\.(ts|map|test\.js)$/.test(file))).toEqual([])
  expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})

test('its command runs from anywhere', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(run(process.execPath, [command, '--version'], '/')).toBe(`${version}\n`)
})

test('a Node older than `engines` asks for is reported in one line', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const oldest = Number(/^>=(\d+)$/.exec(engines.node)?.[1])
  expect(started(process.execPath, asIf(`${oldest}.0.0`))).toMatchObject({ status: 0, stderr: '' })
  expect(started(process.execPath, asIf(`${oldest - 1}.99.0`))).toMatchObject({
    status: 2,
    stderr: `amavis-digest needs Node ${oldest} or later; ${process.execPath} is ${oldest - 1}.99.0.\n`,
  })
})

/** An older Node of this machine; undefined if there is none, and then its test is skipped. */
const older = ['/usr/local/bin/node', '/usr/bin/node'].find(path => existsSync(path) && majorOf(path) < 24)

test.skipIf(older === undefined)('a real older Node is reported too', () => {
  const { status, stderr } = started(older ?? '', [])
  expect({ status, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, lines: 1 })
  expect(stderr).toContain(`needs Node 24 or later; ${older} is `)
})

test('its demo finds the templates and the template compiler, and stops when told to', async () => {
  const args = [command, 'demo', '--port', '0', '--inbox-port', '0', '--json']
  const demo = startChild(process.execPath, args, { cwd: '/' })
  const urls = () => /^\{.*\}$/m.exec(demo.output())?.[0]
  const { inbox } = JSON.parse(await demo.whileAlive(waitUntil('the first digest', urls)))
  expect(await (await fetch(inbox)).text()).toContain('held back')
  await demo.stop()
  expect(demo.output()).toContain('Nothing is left behind')
})

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const started = (node: string, options: readonly string[]) =>
  spawnSync(node, [...options, command, '--version'], { cwd: '/', encoding: 'utf8', env: {} })

/** Options that make Node report another version. */
const asIf = (version: string): string[] => [
  '--import',
  `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
]

function majorOf(node: string): number {
  return Number.parseInt(execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1), 10)
}
