import { expect, test } from 'vitest'
import { HOUR } from '../../../../src/ground/durations.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { MailsAtOnce } from '../../../../src/work/digest/send/mails-at-once.ts'
import { NOW } from '../../../embedded/clock.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

test('500 digests take six statements until they are sent, and one for each hundred records', async () => {
  const { deps, storage, statements, time } = await embeddedProgram()
  const readers = Array.from({ length: 500 }, (_, index) => `reader-${index}@example.com`)
  await hold(storage, ...[...readers, ...readers].map(recipient => ({ recipient, receivedAt: NOW - HOUR })))
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  statements.length = 0
  const hundred = { ...deps, connections: 100, mailsAtOnce: new MailsAtOnce(100, deps) }
  expect(await deliver(hundred, { dueAt: NOW })).toMatchObject({ sent: 500 })
  const asked = statements.filter(text => /^(select|insert|update|delete)/.test(text))
  const records = asked.filter(text => text.startsWith('update') && text.includes('"reply"'))
  expect(records.length).toBeLessThanOrEqual(5)
  // The last one finds out that no other digest is due.
  expect(asked.length - records.length).toBeLessThanOrEqual(6 + 1)

  // Readers who have had one before are told what still waits.
  time.now += HOUR
  await hold(storage, ...readers.map(recipient => ({ recipient, receivedAt: time.now })))
  await run(deps, { schedule: undefined, readers: undefined, dueAt: time.now })
  statements.length = 0
  expect(await deliver(hundred, { dueAt: time.now })).toMatchObject({ sent: 500 })
  const reads = statements.filter(text => /^(select|update)/.test(text) && !text.includes('"reply" ='))
  expect(reads.length).toBeLessThanOrEqual(9 + 1)
})
