import { expect, test, vi } from 'vitest'
import { startSmtpSink } from '../../servers/smtp-sink.ts'
import { command, configured } from './command.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 120_000 })

test("in the README's order, only who is switched on gets a digest, and nobody loses a message", async () => {
  await using sink = await startSmtpSink()
  const { config } = configured(sink.url)
  const ask = (...args: readonly string[]) => command(...args, '--config', config)
  await ask('migrate')
  const all = JSON.parse((await ask('run', '--dry-run', '--json')).stdout)
  expect(all.digests).toBeGreaterThan(2)

  await ask('recipients', 'set', '@', '--off')
  expect(JSON.parse((await ask('run', '--json')).stdout)).toMatchObject({ digests: 0, sent: 0 })

  await ask('recipients', 'set', 'alice@example.com', '--on')
  const mine = await ask('run', '--recipient', 'alice@example.com', '--json')
  expect(JSON.parse(mine.stdout)).toMatchObject({ digests: 1, sent: 1 })
  expect(sink.mails.map(mail => mail.to)).toEqual([['alice@example.com']])

  expect(JSON.parse((await ask('run', '--dry-run', '--json')).stdout)).toMatchObject({ digests: 0 })
  await ask('recipients', 'set', '@', '--on')
  expect(JSON.parse((await ask('run', '--json')).stdout)).toMatchObject({
    digests: all.digests - 1,
    items: all.items - JSON.parse(mine.stdout).items,
  })
  expect(sink.mails).toHaveLength(all.digests)
})
