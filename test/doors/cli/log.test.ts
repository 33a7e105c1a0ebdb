import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { CLI } from '../../servers/cli-file.ts'
import { migrate } from '../../servers/in-process.ts'
import { waitUntil } from '../../servers/wait.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { configured } from './command.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 120_000 })

test('in the journal, each line has its priority, in both formats', async () => {
  const { config } = configured()
  await migrate(config)
  const json = await loggedBy(['run', '--config', config], { isJournal: true })
  expect(json.split('\n').filter(line => line.startsWith('<4>{"level":40,'))).not.toEqual([])
  expect(json).not.toMatch(/^\{/m)
  appendFileSync(config, 'log: { format: text }\n')
  const text = await loggedBy(['run', '--config', config], { isJournal: true })
  expect(text).toMatch(/^<4>\d{4}-\d\d-\d\dT\S+Z WARN {2}\S/m)
})

test('why the service does not start is an error of the journal, in each line', async () => {
  const config = join(temporaryFolder(), 'config.yaml')
  writeFileSync(config, 'smpt: {}\nhtpp: {}\n')
  const logged = await loggedBy(['serve', '--config', config], { isJournal: true })
  const lines = logged.trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(3)
  expect(lines.filter(line => !line.startsWith('<3>'))).toEqual([])
})

test('an unexpected failure of the service is critical in the journal', async () => {
  const { config } = configured()
  await migrate(config)
  appendFileSync(config, 'http: { port: 0 }\n')
  const thrown = "data:text/javascript,process.once('SIGUSR2', () => { throw new Error('thrown here') })"
  const logged = await loggedBy(['serve', '--config', config], {
    isJournal: true,
    nodeOptions: ['--import', thrown],
    whenReady: child => child.kill('SIGUSR2'),
  })
  expect(logged).toMatch(/^<2>\{"level":60,.*thrown here/m)
})

test('elsewhere no line has a priority, even if the journal has another stream of the service', async () => {
  const { config } = configured()
  await migrate(config)
  const logged = await loggedBy(['run', '--config', config], { isJournal: false })
  expect(logged).toMatch(/^\{"level":40,/m)
  expect(logged).not.toContain('<4>')
})

interface Surroundings {
  readonly isJournal: boolean
  readonly nodeOptions?: readonly string[]
  readonly whenReady?: (child: ChildProcess) => void
}

/** What a command writes to stderr, where that is a file that `JOURNAL_STREAM` names, or not. */
async function loggedBy(
  args: readonly string[],
  { isJournal, nodeOptions = [], whenReady }: Surroundings,
): Promise<string> {
  const file = join(temporaryFolder(), 'stderr')
  const fd = openSync(file, 'w')
  const { dev, ino } = fstatSync(fd)
  const JOURNAL_STREAM = `${dev}:${isJournal ? ino : ino + 1}`
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, NODE_COMPILE_CACHE, JOURNAL_STREAM }
  const child = spawn(process.execPath, [...nodeOptions, CLI, ...args], {
    env,
    stdio: ['ignore', 'ignore', fd],
  })
  closeSync(fd)
  const ended = once(child, 'exit')
  if (whenReady) {
    await waitUntil('the service to be ready', () => readFileSync(file, 'utf8').includes('"msg":"ready"'))
    whenReady(child)
  }
  await ended
  return readFileSync(file, 'utf8')
}
