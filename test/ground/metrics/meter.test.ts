import { expect, test } from 'vitest'
import { HOUR } from '../../../src/ground/durations.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { deliver } from '../../../src/work/digest/send/deliver.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { releaseItem } from '../../embedded/release-item.ts'
import { ACCEPTED } from '../../embedded/scripted-mailer.ts'
import { DEFERRED, RELEASED } from '../../embedded/scripted-transport.ts'
import { retryDue } from '../../work/release/retry-due.ts'

const spam = (recipient: string) => ({ recipient, receivedAt: NOW - HOUR })

test('held mail is reported once, when it becomes an item', async () => {
  const { storage, deps, meter } = await embeddedProgram()
  await hold(storage, spam('alice@example.com'), spam('bob@example.com'))
  await collect(deps, NOW)
  await collect(deps, NOW)
  const collected = meter.calls.flatMap(call => (call[0] === 'collected' ? call[1] : []))
  expect(collected.filter(items => items > 0)).toEqual([2])
})

test('a request to amavisd is reported with its outcome and duration, and so is its repetition', async () => {
  const { storage, deps, meter, time, transport, rows } = await embeddedProgram()
  await hold(storage, spam('alice@example.com'))
  await collect(deps, NOW)
  const [item] = await rows('digest_item')
  const answers = [DEFERRED, RELEASED]
  transport.answer = () => {
    time.now += 1_500
    return answers.shift() ?? RELEASED
  }
  const actor = { kind: 'reader', name: 'alice@example.com', remoteAddress: null } as const
  const asked = { requestedBy: 'alice@example.com', confirmed: false, again: false }
  await releaseItem(deps, { itemId: item?.item_id ?? '', actor, ...asked })
  time.now += HOUR
  await retryDue(deps)
  expect(meter.calls.filter(([call]) => call !== 'collected')).toEqual([
    ['released', 'queued', 1.5],
    ['retried', 'release'],
    ['released', 'released', 1.5],
  ])
})

test('an attempt to send a digest is reported with its outcome and the age of its row', async () => {
  const { storage, deps, meter, time, mailer } = await embeddedProgram()
  await hold(storage, spam('alice@example.com'))
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  mailer.answer = () => ({ outcome: 'deferred', reply: '451 later' })
  time.now += 2_000
  await deliver(deps, { dueAt: time.now })
  mailer.answer = () => ACCEPTED
  time.now += HOUR
  await deliver(deps, { dueAt: time.now })
  expect(meter.calls.filter(([call]) => call !== 'collected')).toEqual([
    ['delivered', 'deferred', 2],
    ['retried', 'digest'],
    ['delivered', 'sent', 3602],
  ])
})
