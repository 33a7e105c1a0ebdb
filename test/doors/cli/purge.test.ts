import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { migrate } from '../../servers/in-process.ts'
import { command, configured } from './command.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 120_000 })

test('purge counts by kind, then deletes what no reader was promised, and says so', async () => {
  const { config, folder } = configured()
  // Otherwise the purge would wait for amavisd to finish with it.
  const storage = new DatabaseSync(join(folder, 'amavis.sqlite'))
  storage.exec("UPDATE msgs SET content = 'S' WHERE content IS NULL")
  storage.close()
  await migrate(config)
  const purge = (...options: readonly string[]) => command('purge', ...options, '--config', config)
  const counted = await purge('--dry-run', '--older-than', '1h', '--json')
  expect(counted).toMatchObject({ status: 0, stderr: '' })
  const { msgs, kinds } = JSON.parse(counted.stdout)
  expect(msgs).toBeGreaterThan(5)
  expect(kinds.spam.msgs).toBeGreaterThan(0)
  const deleted = await purge('--older-than', '1h')
  expect(deleted.status).toBe(0)
  expect(deleted.stderr).toMatch(
    new RegExp(`^Deleted ${msgs} messages \\(.+ [kM]?B\\), with \\d+ rows of msgrcpt`),
  )
  expect(deleted.stdout).toMatch(/KIND +MESSAGES +STORED/)
  const nothing = await purge('--json')
  expect(JSON.parse(nothing.stdout)).toMatchObject({ msgs: 0, msgrcpt: 0, quarantine: 0, bytes: 0 })
})

test('purge takes no span that is too short', async () => {
  const { config } = configured()
  expect(await command('purge', '--older-than', '5m', '--config', config)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(
      '--older-than: expected a span of time of 1h or more, such as 30d, found 5m.',
    ),
  })
})
