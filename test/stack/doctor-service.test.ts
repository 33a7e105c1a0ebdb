import { expect, test } from 'vitest'
import { createOn } from './databases.ts'
import { createProgram } from './program.ts'

test('the service logs at its start what doctor finds quickly, each with what mends it, and works on', async () => {
  await using storage = await createOn('sqlite')
  using program = await createProgram({ storage: { url: storage.url }, admins: [] })
  await program.command('migrate')
  await storage.query('DROP INDEX msgs_idx_time_num')
  await using service = await program.serve()
  await expect
    .poll(() => service.log(), { timeout: 10_000 })
    .toMatch(
      /"check":"storage.indexes","fix":"[^"]*CREATE INDEX msgs_idx_time_num[^"]*","msg":"Table msgs has no index/,
    )
  expect(service.log()).toMatch(/"level":40,[^\n]*"check":"admins.configured"/)
  // Slow checks are left to the command and to the page.
  expect(service.log()).not.toContain('"check":"quarantine.')
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
})
