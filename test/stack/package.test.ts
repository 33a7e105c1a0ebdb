import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { productionPackages } from '../../scripts/deb/production-packages.ts'
import { startChild } from '../servers/child.ts'
import { waitUntil } from '../servers/wait.ts'
import { debianPackageTests } from './debian-package-tests.ts'

// npm fetches packages that it does not have yet.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 600_000 })

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-package-'))
const modules = join(folder, 'installed/node_modules')
const command = join(modules, '.bin/amavis-digest')
const wrapper = join(modules, 'amavis-digest/packaging/amavis-digest')
let files: readonly string[]

beforeAll(() => {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], ROOT))
  files = packed.files.map((file: { path: string }) => file.path)
  const installed = dirname(modules)
  mkdirSync(installed)
  linkPackages(installed)
  const quick = ['--prefer-offline', '--no-audit', '--no-fund']
  run('npm', ['install', ...quick, '--prefix', installed, join(folder, packed.filename)], installed)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
  expect(files).toContain('dist/src/cli.js')
  expect(files).toContain('dist/src/LICENSES.txt')
  expect(files.filter(file => /\.(ts|map|test\.js)$/.test(file))).toEqual([])
  // V8 would take two octets for each character of a text with one that Latin-1 lacks.
  const shared = readFileSync(join(modules, 'amavis-digest/dist/src/shared.js'))
  expect(shared.every(octet => octet < 128)).toBe(true)
  expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})

test('an installation has none of the tools of development', () => {
  // Some packages need types of Node at run time, and MJML needs parse5.
  const tools = Object.keys(MANIFEST.devDependencies).filter(
    name => !name.startsWith('@types/') && name !== 'parse5',
  )
  expect(tools.filter(name => existsSync(join(modules, name)))).toEqual([])
  const [kilobytes] = run('du', ['-sk', '--apparent-size', modules], '/').split('\t')
  expect(Number(kilobytes)).toBeLessThan(115_000)
})

test('its command and its wrapper run from anywhere', () => {
  const printed = { status: 0, stdout: `${MANIFEST.version}\n`, stderr: '' }
  expect(started(process.execPath, [command, '--version'])).toEqual(printed)
  for (const start of [command, wrapper]) {
    expect(started(start, ['--version'], nodeInPath(process.execPath))).toEqual(printed)
  }
  expect(
    started(command, ['status', '--config', '/nowhere/c.yaml'], nodeInPath(process.execPath)),
  ).toMatchObject({ status: 2, stderr: expect.stringContaining('/nowhere/c.yaml: no such file') })
})

test('a Node older than `engines` asks for is reported in one line', () => {
  const oldest = Number(/^>=(\d+)$/.exec(MANIFEST.engines.node)?.[1])
  const asIf = (version: string) => [
    '--import',
    `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
    command,
    '--version',
  ]
  expect(started(process.execPath, asIf(`${oldest}.0.0`))).toMatchObject({ status: 0, stderr: '' })
  expect(started(process.execPath, asIf(`${oldest - 1}.99.0`))).toEqual({
    status: 2,
    stdout: '',
    stderr: `amavis-digest needs Node ${oldest} or later; ${process.execPath} is ${oldest - 1}.99.0.\n`,
  })
})

/** An older Node of this machine; undefined if there is none, and then its tests are skipped. */
const older = ['/usr/local/bin/node', '/usr/bin/node'].find(path => existsSync(path) && versionOf(path) < 24)

test.skipIf(older === undefined)(
  'a real older Node is reported too, by the command and by the wrapper',
  () => {
    for (const start of [command, wrapper]) {
      const { status, stdout, stderr } = started(start, ['--version'], dirname(older ?? ''))
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(/^amavis-digest needs Node 24 or later; \S+ is \d+\.\d+\.\d+\.\n$/)
    }
  },
)

test.skipIf(older === undefined)('in a checkout, the wrapper also says how to install a newer one', () => {
  const checkout = join(folder, 'checkout-without-node')
  for (const name of ['src', 'packaging']) cpSync(join(ROOT, name), join(checkout, name), { recursive: true })
  const start = join(checkout, 'packaging/amavis-digest')
  const { status, stderr } = started(start, ['--version'], dirname(older ?? ''))
  expect({ status, lines: stderr.split('\n').length }).toEqual({ status: 2, lines: 2 })
  expect(stderr).toContain(` run: cd ${checkout} && npm run setup\n`)
})

test.skipIf(older === undefined)(
  'with an older Node in PATH, the wrapper takes a newer Node that npm installed beside it',
  () => {
    const own = join(modules, '.bin/node')
    symlinkSync(process.execPath, own)
    expect(started(wrapper, ['--version'], dirname(older ?? ''))).toMatchObject({ status: 0, stderr: '' })
    rmSync(own)
  },
)

test('in a checkout without tools, the wrapper runs dist unless that is missing or older than the source', () => {
  const checkout = join(folder, 'checkout')
  for (const name of ['src', 'migrations', 'packaging', 'templates', 'package.json'])
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true })
  const start = join(checkout, 'packaging/amavis-digest')
  const path = nodeInPath(process.execPath)
  expect(started(start, ['--version'], path)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^amavis-digest: its packages are missing\. Run: .*\n$/),
  })
  const own = join(checkout, 'node_modules')
  mkdirSync(own)
  for (const name of readdirSync(modules)) symlinkSync(join(modules, name), join(own, name))
  expect(started(start, ['--version'], path)).toEqual({
    status: 0,
    stdout: `${MANIFEST.version}\n`,
    stderr: '',
  })
  mkdirSync(join(checkout, 'dist/src'), { recursive: true })
  writeFileSync(join(checkout, 'dist/src/cli.js'), 'process.stdout.write("built")')
  const soon = new Date(Date.now() + 60_000)
  utimesSync(join(checkout, 'dist/src/cli.js'), soon, soon)
  expect(started(start, ['--version'], path).stdout).toBe('built')
  utimesSync(join(checkout, 'dist/src/cli.js'), 0, 0)
  expect(started(start, ['--version'], path).stdout).toBe(`${MANIFEST.version}\n`)
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

describe('the Debian package', () => debianPackageTests(() => join(modules, 'amavis-digest/dist')))

const run = (program: string, args: readonly string[], cwd: string): string =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/**
 * Puts the packages of this checkout where npm would unpack them, which takes it longer than all the rest. It keeps
 * those that fit, and installs what is missing. It replaces files and never writes into them, so they may be links.
 */
function linkPackages(installed: string): void {
  const paths = productionPackages(ROOT).map(({ path }) => path)
  const copy = (how: string) => run('cp', [how, '--parents', ...paths, installed], ROOT)
  try {
    copy('-al')
  } catch {
    // Another file system has no hard links to this one.
    copy('-a')
  }
}

/** Starts a program from the root folder, with nothing in its environment but `PATH`. */
function started(program: string, args: readonly string[], path = '') {
  const env = { PATH: `${path}:/usr/bin:/bin` }
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: '/', encoding: 'utf8', env })
  return { status, stdout, stderr }
}

/** A folder for `PATH` whose `node` is this one. */
function nodeInPath(node: string): string {
  const bin = join(folder, 'path')
  mkdirSync(bin, { recursive: true })
  if (!existsSync(join(bin, 'node'))) symlinkSync(node, join(bin, 'node'))
  return bin
}

function versionOf(node: string): number {
  return Number.parseInt(execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1), 10)
}
