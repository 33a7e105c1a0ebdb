import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { CLI } from '../../servers/cli-file.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { command, configured } from './command.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 120_000 })

test('in the journal, each line has its priority, in both formats', async () => {
  const { config } = configured()
  await command('migrate', '--config', config)
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

test('elsewhere no line has a priority, even if the journal has another stream of the service', async () => {
  const { config } = configured()
  await command('migrate', '--config', config)
  const logged = await loggedBy(['run', '--config', config], { isJournal: false })
  expect(logged).toMatch(/^\{"level":40,/m)
  expect(logged).not.toContain('<4>')
})

/** What a command writes to stderr, where that is a file that `JOURNAL_STREAM` names, or not. */
async function loggedBy(args: readonly string[], { isJournal }: { readonly isJournal: boolean }) {
  const file = join(temporaryFolder(), 'stderr')
  const fd = openSync(file, 'w')
  const { dev, ino } = fstatSync(fd)
  const JOURNAL_STREAM = `${dev}:${isJournal ? ino : ino + 1}`
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, NODE_COMPILE_CACHE, JOURNAL_STREAM }
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'ignore', fd] })
  closeSync(fd)
  await once(child, 'exit')
  return readFileSync(file, 'utf8')
}
