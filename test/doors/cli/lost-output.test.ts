import { execFile } from 'node:child_process'
import { expect, test, vi } from 'vitest'
import { startChild } from '../../servers/child.ts'
import { CLI } from '../../servers/cli-file.ts'
import { migrate } from '../../servers/in-process.ts'
import { freePort } from '../../servers/ports.ts'
import { waitUntil } from '../../servers/wait.ts'
import { command, configured, type Result } from './command.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 120_000 })

const COMMANDS = [
  'status --all',
  'status --json',
  'schedules list',
  'recipients list --json',
  'recipients export',
  'keys list',
  'preview --recipient alice@example.com',
  'completion zsh',
  'schedules set --help',
  '--help',
  '--version',
]

test('a reader that closes the pipe early is no failure, and nothing is said', async () => {
  const shell = await shellWithConfig()
  for (const line of COMMANDS) {
    const { status, stderr } = await shell(`amavis-digest ${line} | true`)
    expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' })
  }
  const { status, stderr } = await shell('amavis-digest run --dry-run | head -1')
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^Would make .*\n$/) })
  expect(await shell('amavis-digest run --dry-run 2>&1 >/dev/null | true')).toMatchObject({ status: 0 })
})

test('a full disk is reported in one line, with status 1', async () => {
  const shell = await shellWithConfig()
  const stderr = 'amavis-digest: The output cannot be written: ENOSPC: no space left on device, write.\n'
  for (const line of COMMANDS) {
    const result = await shell(`amavis-digest ${line} >/dev/full`)
    expect({ line, ...result }).toEqual({ line, status: 1, stdout: '', stderr })
  }
})

test('so is a full disk under a file that an option or argument names', async () => {
  const shell = await shellWithConfig()
  const full = { status: 1, stdout: '', stderr: 'amavis-digest: ENOSPC: no space left on device, write\n' }
  expect(await shell('amavis-digest recipients export /dev/full')).toEqual(full)
  expect(await shell('amavis-digest preview --recipient alice@example.com --out /dev/full')).toEqual(full)
})

test('a result that does not fit on the disk is reported, even if a part of it was written', async () => {
  const shell = await shellWithConfig()
  // Blocks of 1024 octets. The signal is ignored, so that the write itself fails.
  const limited = `trap '' XFSZ; ulimit -f 1; amavis-digest completion bash > "$FOLDER/out"`
  expect(await shell(limited)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^amavis-digest: EFBIG.*\n$/),
  })
})

test('when notes cannot be written, the work is done all the same, and the status tells', async () => {
  const shell = await shellWithConfig()
  expect(await shell('amavis-digest run --dry-run --json 2>/dev/full')).toMatchObject({ status: 0 })
  expect(await shell('amavis-digest run --dry-run 2>/dev/full')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('alice@example.com'),
  })
  expect(await shell('amavis-digest bogus 2>/dev/full')).toMatchObject({ status: 2 })
})

test('a service goes on when its log cannot be written', async () => {
  const { config } = configured()
  await migrate(config)
  const port = await freePort()
  const line = `exec '${process.execPath}' '${CLI}' serve --config '${config}' 2>/dev/full`
  const child = startChild('bash', ['--norc', '-c', line], {
    env: { PATH: process.env.PATH, AMAVIS_DIGEST_HTTP_PORT: String(port) },
  })
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok || undefined,
      () => undefined,
    )
  expect(await child.whileAlive(waitUntil('an answer', answers))).toBe(true)
  await child.stop()
})

/** Runs lines in a shell where `amavis-digest` is our command, with a configuration, and without the machine's. */
async function shellWithConfig() {
  const { config, folder } = configured()
  await migrate(config)
  // Makes the key file, and says so.
  await command('keys', 'list', '--config', config)
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, NODE_COMPILE_CACHE, AMAVIS_DIGEST_CONFIG: config, FOLDER: folder }
  const start = `amavis-digest() { '${process.execPath}' '${CLI}' "$@"; }; set -o pipefail;`
  return (line: string): Promise<Result> => {
    const { promise, resolve } = Promise.withResolvers<Result>()
    execFile(
      'bash',
      ['--norc', '-c', `${start} ${line}`],
      { env, timeout: 60_000 },
      (error, stdout, stderr) => {
        const status = error ? (typeof error.code === 'number' ? error.code : -1) : 0
        resolve({ status, stdout, stderr })
      },
    )
    return promise
  }
}
