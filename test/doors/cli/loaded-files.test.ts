import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { migrate } from '../../servers/in-process.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { configured } from './command.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 120_000 })

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The files that a command loads, own ones and those of packages, as paths from the root of the checkout. */
function loadedBy(...args: readonly string[]): string[] {
  const list = join(temporaryFolder(), 'loaded')
  const hook = `import { registerHooks } from 'node:module'
    import { writeFileSync } from 'node:fs'
    const urls = new Set()
    registerHooks({ load: (url, context, next) => (urls.add(url), next(url, context)) })
    process.on('exit', () => writeFileSync(${JSON.stringify(list)}, [...urls].join('\\n')))`
  const node = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`]
  const { PATH, NODE_COMPILE_CACHE } = process.env
  spawnSync(process.execPath, [...node, join(ROOT, 'src/cli.ts'), ...args], {
    env: { PATH, NODE_COMPILE_CACHE },
  })
  const urls = readFileSync(list, 'utf8').split('\n')
  return urls.filter(url => url.startsWith('file:')).map(url => fileURLToPath(url).slice(ROOT.length))
}

/** The packages among the files. */
const packagesIn = (files: readonly string[]): string[] =>
  [...new Set(files.map(file => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? ''))]
    .filter(Boolean)
    .sort()

test('--version and the help load the definitions of commands at most', () => {
  const version = loadedBy('--version')
  expect(packagesIn(version)).toEqual(['commander'])
  expect(version.length).toBeLessThan(25)
  const help = loadedBy('--help')
  expect(packagesIn(help)).toEqual(['commander'])
  expect(help.length).toBeLessThan(120)
  expect(loadedBy('status', '--help').length).toBeLessThan(40)
  expect(loadedBy('completion', 'bash').length).toBeLessThan(120)
})

test('a command loads neither other commands, nor the demo, nor what it does not talk to', async () => {
  const { config } = configured()
  await migrate(config)
  for (const args of [['status'], ['schedules', 'list'], ['recipients', 'list'], ['keys', 'api', 'list']]) {
    const files = loadedBy(...args, '--config', config)
    const packages = packagesIn(files)
    expect({ args, unneeded: packages.filter(name => UNNEEDED.includes(name)) }).toEqual({
      args,
      unneeded: [],
    })
    const own = files.filter(file => /^src\/(?:demo|doors\/http|doors\/service|doors\/cli\/run)/.test(file))
    expect(own).toEqual([])
    expect(files.length).toBeLessThan(1250)
  }
  const keys = loadedBy('keys', 'list', '--config', config)
  expect(packagesIn(keys)).toEqual(['commander', 'croner', 'yaml', 'zod'])
  const run = packagesIn(loadedBy('run', '--recipient', 'alice@example.com', '--config', config))
  expect(run).toContain('nodemailer')
  expect(
    run.filter(name => ['mysql2', 'pg', 'prom-client', 'express', 'smtp-server'].includes(name)),
  ).toEqual([])
})

/** For `status` and the like, on SQLite, without a terminal. */
const UNNEEDED = [
  'bullmq',
  'cli-progress',
  'express',
  'handlebars',
  'ioredis',
  'jsonwebtoken',
  'mjml',
  'mysql2',
  'node-cron',
  'nodemailer',
  'pg',
  'pino-pretty',
  'postal-mime',
  'prom-client',
  'smtp-server',
]
