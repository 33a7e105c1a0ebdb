import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { SAMPLES } from '../../../../src/demo/samples/samples.ts'
import { createStorage } from '../../../../src/demo/storage/storage.ts'
import { checkLine } from '../../../../src/doors/cli/status/status-check.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { migrate } from '../../../servers/in-process.ts'
import { afterRelease, startScriptedServer } from '../../../servers/scripted-server.ts'
import { type SmtpSink, startSmtpSink } from '../../../servers/smtp-sink.ts'
import { waitUntil } from '../../../servers/wait.ts'
import { createProgram, type Program } from '../../../stack/program.ts'
import { command } from '../command.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 120_000 })

const stack = new AsyncDisposableStack()
let file: string
let sink: SmtpSink
let program: Program

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'status-check-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  file = join(folder, 'amavis.sqlite')
  createStorage(file, SAMPLES, Date.now())
  sink = stack.use(await startSmtpSink())
  const amavisd = stack.use(await startScriptedServer(afterRelease(socket => socket.destroy())))
  program = stack.use(
    await createProgram({
      storage: { url: `sqlite://${file}` },
      smtp: { url: sink.url, from: 'quarantine@example.com' },
      release: { via: `tcp://127.0.0.1:${amavisd.port}` },
    }),
  )
})
afterAll(() => stack.disposeAsync())

const check = (...options: readonly string[]) => program.command('status', '--check', ...options)

test('without our tables, without the service, and without a configuration, it is CRITICAL', async () => {
  const unmigrated = await check()
  expect(unmigrated).toMatchObject({ status: 2, stderr: '' })
  expect(unmigrated.stdout).toMatch(
    /^AMAVIS-DIGEST CRITICAL - STATE_UNMIGRATED: .*Run: amavis-digest migrate\n$/,
  )

  await migrate(program.configFile)
  const stopped = await check()
  expect(stopped.status).toBe(2)
  expect(stopped.stdout).toMatch(
    /^AMAVIS-DIGEST CRITICAL - the service does not answer on 127\.0\.0\.1:\d+ \| \S/,
  )

  const { status, stdout } = await command('status', '--check', '--config', '/nowhere/config.yaml')
  expect(status).toBe(2)
  expect(stdout).toMatch(/^AMAVIS-DIGEST CRITICAL - CONFIG_INVALID: .*\n$/)
})

test('it is OK while all is well, WARNING after a digest failed, and CRITICAL when a run is late', async () => {
  await using service = await program.serve()
  const isReady = async () => (await fetch(`${service.url}/readyz`)).status === 200
  await waitUntil('the service to be ready', isReady)
  const well = await check()
  expect(well).toMatchObject({ status: 0, stderr: '' })
  expect(well.stdout).toMatch(
    /^AMAVIS-DIGEST OK - messages that wait for their next digest: \d+ \| messages_waiting=\d+;;;0 digests_waiting=0;;;0 oldest_digest=0s;3600;;0 digests_failed=0;0;;0 (?:\w+=\S+ ?)+\n$/,
  )

  sink.answerRecipient('alice@example.com', '550 5.1.1 Nobody of that name')
  await program.command('run', '--recipient', 'alice@example.com')
  const failed = await check()
  expect(failed.status).toBe(1)
  expect(failed.stdout).toMatch(
    /^AMAVIS-DIGEST WARNING - digests that failed in the last hour: 1 \| .*digests_failed=1;0/,
  )
  expect(JSON.parse((await check('--json')).stdout)).toMatchObject({
    level: 'warning',
    figures: { digestsFailed: 1 },
  })

  // As if the schedule had been due 20 minutes ago, and no process had looked at it.
  await service.stop()
  using state = new DatabaseSync(file)
  const due = new Date(Date.now() - HOUR / 3)
  state.exec(`UPDATE digest_schedule SET time_zone = 'UTC', updated_at = updated_at - ${24 * HOUR},
    crons = '["${due.getUTCMinutes()} ${due.getUTCHours()} * * *"]'`)
  const late = await check()
  expect(late.status).toBe(2)
  expect(late.stdout).toContain('run of daily due at ')
})

test('nothing in the text can end it before its end', () => {
  const line = checkLine({ level: 'critical', reasons: ['a | b\nc', 'd\u001b[2J'] })
  expect(line).toMatch(/^AMAVIS-DIGEST CRITICAL - a \/ b c; d/)
  expect(line).not.toMatch(/[|\p{Cc}]/u)
})
