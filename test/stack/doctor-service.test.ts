import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { tellOfFindings } from '../../src/doors/service/tell-of-findings.ts'
import { loadConfig } from '../../src/ground/config/load.ts'
import { readableLog } from '../log-lines.ts'
import { migrate } from '../servers/in-process.ts'
import { createOn } from './databases.ts'
import { createProgram } from './program.ts'

test('the service logs at its start what doctor finds quickly, each with what mends it, and works on', async () => {
  await using storage = await createOn('sqlite')
  using program = await createProgram({ storage: { url: storage.url }, admins: [] })
  await migrate(program.configFile)
  await storage.query('DROP INDEX msgs_idx_time_num')
  await using service = await program.serve()
  await expect
    .poll(() => service.log(), { timeout: 10_000 })
    .toMatch(
      /"check":"storage.indexes","fix":"[^"]*CREATE INDEX msgs_idx_time_num[^"]*","msg":"Table msgs has no index/,
    )
  expect(service.log()).toMatch(/"level":40,[^\n]*"check":"admins.configured"/)
  // Slow checks follow later.
  expect(service.log()).not.toContain('"check":"quarantine.')
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
})

test('later the service logs what takes longer to find, without a look that others notice, unless it stops', async () => {
  await using storage = await createOn('sqlite')
  using program = await createProgram({
    storage: { url: storage.url },
    signIn: { imap: { url: 'imaps://127.0.0.1:1' } },
  })
  await migrate(program.configFile)
  const now = Math.floor(Date.now() / 1000)
  await storage.query(
    `INSERT INTO msgs (mail_id, secret_id, am_id, time_num, time_iso, sid, size, content, quar_type, host)
     VALUES ('a', '', '1', ${now}, '20260301T100000Z', 1, 1, 'S', ' ', 'mx')`,
  )
  await storage.query(
    "INSERT INTO msgrcpt (mail_id, rseqnum, rid, is_local, content, ds, rs) VALUES ('a', 1, 1, 'Y', 'S', 'D', ' ')",
  )
  const config = loadConfig(program.configFile, {}, () => {})
  await using app = await createApp(config, { log: pino({ enabled: false }), clock: Date.now })
  const told = async (signal: AbortSignal, pause: number) => {
    const { log, lines } = readableLog()
    await tellOfFindings({ app, log }, signal, pause)
    return lines.join('')
  }
  const said = await told(new AbortController().signal, 0)
  expect(said).toMatch(/"check":"quarantine.discarded","fix":"[^"]+","msg":"amavisd has discarded mail/)
  expect(said).not.toMatch(/"check":"(?:sign-in\.imap|release\.secret|dns\.|public-url\.(?!https))/)
  expect(await told(AbortSignal.timeout(300), 60_000)).not.toContain('quarantine.')
})
