import { appendFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { migrate } from '../../../servers/in-process.ts'
import { configured } from '../command.ts'
import { inThisProcess } from '../in-this-process.ts'

test('directory show explains an address, and check says that the directory answers', async () => {
  const { config } = configured()
  appendFileSync(config, 'directory: { recipientDelimiter: + }\n')
  const ask = (...args: readonly string[]) => inThisProcess('directory', ...args, '--config', config)
  const [shown, json, bad] = await Promise.all([
    ask('show', 'Bob+list@example.com'),
    ask('show', 'bob+list@example.com', '--json'),
    ask('show', 'nonsense'),
  ])
  expect(shown).toEqual({
    status: 0,
    stderr: '',
    stdout:
      'Read by bob@example.com.\n' +
      'bob+list@example.com is bob@example.com with an extension.\n' +
      'bob@example.com is a mailbox.\n',
  })
  expect(JSON.parse(json.stdout)).toMatchObject({
    address: 'bob+list@example.com',
    readers: ['bob@example.com'],
    by: [{ is: 'extension' }, { is: 'mailbox' }],
  })
  expect(bad.status).toBe(2)
  expect(bad.stderr).toContain('Expected an address')

  await migrate(config)
  await inThisProcess('recipients', 'set', 'bob+list@example.com', '--language', 'de', '--config', config)
  const [text, report] = await Promise.all([ask('check'), ask('check', '--json')])
  expect(text.status).toBe(0)
  expect(text.stdout).toMatch(/^The directory \(addresses\) answers, after \d+ ms\.\n/)
  expect(JSON.parse(report.stdout)).toMatchObject({
    ok: true,
    kind: 'addresses',
    idleSettings: [{ scope: 'bob+list@example.com', readers: ['bob@example.com'] }],
  })
})
