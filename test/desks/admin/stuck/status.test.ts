import { expect, test } from 'vitest'
import { readStatus } from '../../../../src/desks/admin/stuck/status.ts'
import type { ReleaseAnswer } from '../../../../src/ground/amavisd/transport.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { leaseDigests } from '../../../../src/work/digest/send/outbox.ts'
import { seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import { NOW } from '../../../embedded/clock.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'
import { DEFERRED, REFUSED, UNHEARD } from '../../../embedded/scripted-transport.ts'
import { type StuckProgram, stuckProgram } from './stuck-program.ts'

const [ALICE, BOB, CAROL] = ['alice@example.com', 'bob@example.com', 'carol@example.com'] as const

test('a new program has an empty status', async () => {
  const program = await stuckProgram()
  expect(await counts(program)).toEqual({ messages: 0 })
  expect(await readStatus(program.deps, 20)).toMatchObject({
    at: NOW,
    schedules: [],
    lastRunByHand: undefined,
  })
})

test('a message waits; its digest is put off with the server’s reply, then due, then being sent', async () => {
  const program = await stuckProgram()
  await program.held(ALICE, BOB)
  expect(await counts(program)).toEqual({ messages: 2 })
  program.mailer.answer = () => ({ outcome: 'deferred', reply: '452 4.2.2 Mailbox full' })
  await program.runNow()
  expect(await counts(program)).toEqual({ messages: 0, putOff: 2 })
  const { lines } = (await readStatus(program.deps, undefined)).digests.putOff
  expect(lines.map(line => line.reader).sort()).toEqual([ALICE, BOB])
  expect(lines[0]).toMatchObject({
    deliverTo: lines[0]?.reader,
    messages: 1,
    createdAt: NOW,
    attempts: 1,
    nextAttemptAt: NOW + 30_000,
    reply: '452 4.2.2 Mailbox full',
  })
  program.time.now += 30_000
  expect(await counts(program)).toEqual({ messages: 0, due: 2 })
  const due = { now: program.time.now, dueAt: program.time.now, readers: [BOB], limit: 1 }
  await leaseDigests(program.state, { owner: 'mx1/7/x', until: program.time.now + 30_000 }, due)
  expect(await counts(program)).toEqual({ messages: 0, due: 1, sending: 1 })
  expect((await readStatus(program.deps, undefined)).digests.sending.lines).toMatchObject([
    { reader: BOB, owner: 'mx1/7/x', leaseUntil: program.time.now + 30_000 },
  ])
  program.time.now += 30_000
  expect(await counts(program)).toEqual({ messages: 0, due: 2 })
})

test('a digest that is spread to a later time does not count as put off', async () => {
  const program = await stuckProgram()
  await setSchedules(program.state, scheduleOf('daily', { isDefault: true, spread: HOUR }))
  await program.held(ALICE, BOB)
  await run(program.deps, { schedule: 'daily', readers: undefined, dueAt: NOW, byClock: true })
  expect(await counts(program)).toEqual({ messages: 0, spread: 2 })
  program.time.now += HOUR
  expect(await counts(program)).toEqual({ messages: 0, due: 2 })
})

test('a failed digest is listed for seven days after it failed', async () => {
  const program = await stuckProgram()
  await program.held(ALICE)
  program.mailer.answer = () => ({ outcome: 'deferred', reply: '452 4.2.2 Mailbox full' })
  await program.runNow()
  program.time.now += 10 * DAY
  program.mailer.answer = () => ({ outcome: 'refused', reply: '550 5.1.1 Nobody of that name' })
  await program.byHand.sendNow(ALICE)
  expect(await counts(program)).toEqual({ messages: 1, failed: 1 })
  expect((await readStatus(program.deps, undefined)).digests.failed.lines).toMatchObject([
    { reader: ALICE, finishedAt: program.time.now, reply: '550 5.1.1 Nobody of that name' },
  ])
  program.time.now += 7 * DAY
  expect(await counts(program)).toMatchObject({ failed: 1 })
  program.time.now += 1
  expect(await counts(program)).toEqual({ messages: 1 })
})

test('queued, uncertain and failed releases are listed with amavisd’s reply and their readers', async () => {
  const program = await stuckProgram()
  const items = await program.held(ALICE, BOB, CAROL)
  const answers: Record<string, ReleaseAnswer> = { [ALICE]: DEFERRED, [BOB]: UNHEARD, [CAROL]: REFUSED }
  program.transport.answer = ({ recipient }) => answers[recipient] ?? REFUSED
  for (const item of items) await program.click(item)
  expect(await counts(program)).toEqual({ messages: 3, queued: 1, uncertain: 1, failedReleases: 1 })
  const { releases } = await readStatus(program.deps, 20)
  const mailIds = new Map((await program.rows('digest_item')).map(item => [item.reader, item.mail_id]))
  const same = (reader: string) => ({
    recipient: reader,
    mailId: mailIds.get(reader),
    requestedBy: reader,
    requestedAt: NOW,
    attempts: 1,
  })
  expect(releases.queued.lines).toMatchObject([
    { ...same(ALICE), itemId: items[0], nextAttemptAt: NOW + 5_000, reply: DEFERRED.reply },
  ])
  expect(releases.uncertain.lines).toMatchObject([{ ...same(BOB), code: 'RELEASE_UNCERTAIN' }])
  expect(releases.failed.lines).toMatchObject([{ ...same(CAROL), reply: REFUSED.reply, finishedAt: NOW }])
  expect(JSON.stringify(releases)).not.toContain('claim')
  program.time.now += 7 * DAY + 1
  expect(await counts(program)).toEqual({ messages: 3, queued: 1, uncertain: 1 })
})

test('a limit bounds the lists but not the counts; without a limit the lists are complete', async () => {
  const program = await stuckProgram()
  const readers = Array.from({ length: 30 }, (_, index) => `reader${index}@example.com`)
  const items = await program.held(...readers)
  program.mailer.answer = () => ({ outcome: 'deferred', reply: '452' })
  program.transport.answer = () => REFUSED
  await program.runNow()
  for (const [index, item] of items.entries()) {
    program.time.now = NOW + index
    await program.click(item)
  }
  const short = await readStatus(program.deps, 20)
  expect([short.digests.putOff.count, short.digests.putOff.lines.length]).toEqual([30, 20])
  expect([short.releases.failed.count, short.releases.failed.lines.length]).toEqual([30, 20])
  expect(short.releases.failed.lines[0]?.requestedAt).toBe(NOW + 29)
  const { digests, releases } = await readStatus(program.deps, undefined)
  expect([digests.putOff.lines.length, releases.failed.lines.length]).toEqual([30, 30])
})

test('each schedule is listed with its last and next run, and so is the last run by hand', async () => {
  const program = await stuckProgram()
  const seed = (name: string) => ({ name, cron: ['0 6 * * *'], timezone: 'UTC', default: name === 'daily' })
  await seedSchedules(program.state, [seed('daily'), seed('never'), seed('off')], NOW)
  await program.state.sql
    .updateTable('digest_schedule')
    .set({ enabled: 0 })
    .where('name', '=', 'off')
    .execute()
  const run = { started_at: NOW, lease_owner: null, lease_until: null }
  await program.state.sql
    .insertInto('digest_run')
    .values([
      { ...run, run_id: 'a', schedule: 'daily', due_at: NOW - DAY, finished_at: NOW - DAY },
      {
        ...run,
        run_id: 'b',
        schedule: 'daily',
        due_at: NOW,
        finished_at: null,
        lease_owner: 'mx1/7/x',
        lease_until: NOW + 1,
      },
      {
        ...run,
        run_id: 'c',
        schedule: 'off',
        due_at: NOW - 2 * DAY,
        finished_at: null,
        lease_owner: 'mx1/7/x',
        lease_until: NOW,
      },
      { ...run, run_id: 'd', schedule: null, due_at: NOW - 5, finished_at: NOW },
    ])
    .execute()
  const nextRun = new Date(NOW + HOUR).toISOString()
  expect(await readStatus(program.deps, 20)).toMatchObject({
    schedules: [
      { name: 'daily', enabled: true, lastRun: { dueAt: NOW, finishedAt: null, owner: 'mx1/7/x' }, nextRun },
      { name: 'never', enabled: true, lastRun: undefined, nextRun },
      { name: 'off', enabled: false, lastRun: { finishedAt: null, owner: null }, nextRun: undefined },
    ],
    lastRunByHand: { dueAt: NOW - 5, startedAt: NOW, finishedAt: NOW, owner: null },
  })
})

/** The counts that are not zero. */
async function counts({ deps }: StuckProgram): Promise<Record<string, number>> {
  const { messagesWaiting, digests, releases } = await readStatus(deps, 20)
  const all = {
    sending: digests.sending.count,
    due: digests.due.count,
    spread: digests.spread.count,
    putOff: digests.putOff.count,
    failed: digests.failed.count,
    asking: releases.asking.count,
    queued: releases.queued.count,
    uncertain: releases.uncertain.count,
    failedReleases: releases.failed.count,
  }
  return {
    messages: messagesWaiting,
    ...Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0)),
  }
}
