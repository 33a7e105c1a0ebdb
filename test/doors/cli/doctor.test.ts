import { execFile } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { CLI } from '../../servers/cli-file.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { command, configured } from './command.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 60_000 })

test('without a configuration, doctor says that init writes one, and looks at what needs none', async () => {
  const file = join(temporaryFolder(), 'none.yaml')
  const { status, stdout } = await command('doctor', '--config', file, '--json')
  expect(status).toBe(1)
  const { ok, checks } = JSON.parse(stdout)
  expect(ok).toBe(false)
  expect(checks).toMatchObject([
    { id: 'program.node', status: 'ok', fix: null },
    { id: 'program.packages', status: 'ok' },
    { id: 'configuration', status: 'fail', fix: expect.stringContaining('amavis-digest init') },
  ])
  expect(checks[2].message).toContain(file)
})

test('a configuration with faults is told with each of them', async () => {
  const file = join(temporaryFolder(), 'config.yaml')
  writeFileSync(file, 'publicUrl: nonsense\nnone: 1\n', { mode: 0o600 })
  const { status, stdout } = await command('doctor', '--config', file)
  expect(status).toBe(1)
  expect(stdout).toContain('FAIL configuration')
  expect(stdout).toContain(`${file}:2`)
})

test.runIf(process.getuid?.() === 0)(
  'a user who may not read the configuration is told once as whom to run it',
  async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o755)
    const file = join(folder, 'config.yaml')
    writeFileSync(file, 'publicUrl: https://q.example.com\n', { mode: 0o600 })
    const { status, stdout } = await asNobody('doctor', '--config', file, '--json')
    const wrong = JSON.parse(stdout).checks.filter((check: { status: string }) => check.status !== 'ok')
    expect(status).toBe(1)
    expect(wrong).toEqual([
      expect.objectContaining({
        id: 'configuration',
        status: 'fail',
        message: expect.stringContaining(file),
        fix: expect.stringContaining('sudo -u amavis-digest amavis-digest doctor'),
      }),
    ])
  },
)

const asNobody = (...args: readonly string[]) =>
  new Promise<{ status: unknown; stdout: string }>(resolve => {
    const options = { uid: NOBODY, gid: NOBODY, env: { PATH: process.env.PATH }, timeout: 30_000 }
    execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) =>
      resolve({ status: error?.code ?? 0, stdout: stdout || stderr }),
    )
  })

const NOBODY = 65_534

test('a database whose server accepts connections and says nothing costs one finding, and no hang', async () => {
  await using server = createServer(() => undefined)
  const { port } = await new Promise<{ port: number }>(resolve =>
    server.listen(0, '127.0.0.1', () => resolve(server.address() as { port: number })),
  )
  const file = join(temporaryFolder(), 'config.yaml')
  writeFileSync(
    file,
    `publicUrl: https://q.example.com
storage: { url: "mysql://u:p@127.0.0.1:${port}/a" }
smtp: { url: "smtp://127.0.0.1:1", from: "q@example.com" }
links: { keyFile: ${join(temporaryFolder(), 'token.keys')} }
`,
    { mode: 0o600 },
  )
  const startedAt = performance.now()
  const { stdout } = await command('doctor', '--config', file, '--json')
  expect(performance.now() - startedAt).toBeLessThan(25_000)
  const { checks } = JSON.parse(stdout)
  expect(checks).toContainEqual(expect.objectContaining({ id: 'storage.reachable', status: 'fail' }))
  expect(checks).toContainEqual(expect.objectContaining({ id: 'storage.schema', status: 'skip' }))
})

test('doctor makes no key file, and says what migrate is for', async () => {
  const { config } = configured()
  const { status, stdout } = await command('doctor', '--config', config, '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout).checks).toContainEqual(
    expect.objectContaining({
      id: 'state.tables',
      status: 'fail',
      fix: expect.stringContaining('amavis-digest migrate'),
    }),
  )
})
