import { expect, test } from 'vitest'
import { resendDigest } from '../../../../src/desks/admin/digests/resend.ts'
import { HOUR, MINUTE } from '../../../../src/ground/durations.ts'
import { placeAnew } from '../../../../src/work/collect/place-anew.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { MAY_HAVE_ARRIVED } from '../../../../src/work/digest/make/send-anyway.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { expireDigests } from '../../../../src/work/digest/send/expire.ts'
import { NOW } from '../../../embedded/clock.ts'
import { changingDirectory, off } from '../../../embedded/directory.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'

const SALES = 'sales@example.com'
const BOB = 'bob@example.com'
const CAROL = 'carol@example.com'
const ROOT = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const
const EVERYBODY = { schedule: undefined, readers: undefined, dueAt: NOW }

test.each([
  ['is removed', { [BOB]: [], [SALES]: [CAROL] }],
  ['is switched off', { [BOB]: [off(BOB)], [SALES]: [off(BOB)] }],
])(
  'a mailbox that %s while its digest is on its way gets none, and its messages wait',
  async (_, readers) => {
    const { program, deps, directory, digests, waiting } = await compiled()
    directory.readers = readers
    expect(await deliver(deps, { dueAt: NOW })).toMatchObject({ sent: 0, failed: 0 })
    expect(program.mailer.attempts).toEqual([])
    expect(await digests()).toMatchObject([
      { state: 'empty', reply: expect.stringContaining('switched off') },
    ])
    expect(await waiting()).toHaveLength(2)
  },
)

test('messages of an alias that was moved are left out, wait, and go to its new reader', async () => {
  const { program, deps, directory, waiting } = await compiled()
  directory.readers = { [SALES]: [CAROL] }
  expect(await deliver(deps, { dueAt: NOW })).toMatchObject({ sent: 1 })
  expect(program.mailer.attempts).toMatchObject([
    { to: BOB, html: expect.stringContaining('1 message held back') },
  ])
  expect(await waiting()).toEqual([BOB])
  program.time.now += HOUR
  await placeAnew(deps)
  expect(await waiting()).toEqual([CAROL])
})

test('a message that a later digest has claimed meanwhile stays in that one', async () => {
  const { program, deps, directory } = await compiled()
  directory.readers = { [SALES]: [CAROL] }
  const claiming = {
    async find(asked: readonly string[]) {
      await program.state.sql.updateTable('digest_item').set({ digest_id: 'later' }).execute()
      return directory.find(asked)
    },
  }
  await deliver({ ...deps, directory: claiming }, { dueAt: NOW })
  expect((await program.rows('digest_item')).map(item => item.digest_id)).toEqual(['later', 'later'])
})

test('a digest that may have arrived is not sent to a former reader either', async () => {
  const { program, deps, directory, waiting } = await compiled()
  await program.state.sql.updateTable('digest_digest').set({ firm: MAY_HAVE_ARRIVED }).execute()
  directory.readers = { [BOB]: [], [SALES]: [] }
  expect(await deliver(deps, { dueAt: NOW })).toMatchObject({ sent: 0 })
  expect(program.mailer.attempts).toEqual([])
  expect(await waiting()).toHaveLength(2)
})

test('without an answer a digest waits, and is sent once there is one', async () => {
  const { program, deps, digests, waiting } = await compiled()
  const silent = { ...deps, directory: { find: async () => new Map() } }
  expect(await deliver(silent, { dueAt: NOW })).toMatchObject({ sent: 0, failed: 1 })
  expect(await digests()).toMatchObject([
    { state: 'pending', attempts: 0, reply: expect.stringContaining('no answer'), lease_owner: null },
  ])
  expect(await waiting()).toEqual([])
  program.time.now += MINUTE
  expect(await deliver(deps, { dueAt: program.time.now })).toMatchObject({ sent: 1 })
})

test('a digest about which there is no answer for a day is given up, and its messages wait', async () => {
  const { program, deps, digests, waiting } = await compiled()
  const silent = { ...deps, directory: { find: async () => new Map() } }
  for (let hour = 0; hour <= 24; hour += 1) {
    await deliver(silent, { dueAt: program.time.now })
    await expireDigests(silent)
    program.time.now += HOUR
  }
  expect(program.mailer.attempts).toEqual([])
  expect(await digests()).toMatchObject([{ state: 'failed', reply: expect.stringContaining('no answer') }])
  expect(await waiting()).toEqual([BOB, BOB])
  expect(await run(silent, EVERYBODY)).toEqual({ digests: 0, items: 0 })
})

test('a digest is not sent again to a former reader, and keeps the messages that it listed', async () => {
  const { program, deps, directory, digests, waiting } = await compiled()
  await deliver(deps, { dueAt: NOW })
  const [digest] = await digests()
  await resendDigest(deps, ROOT, digest?.digest_id ?? '')
  directory.readers = { [BOB]: [], [SALES]: [CAROL] }
  expect(await deliver(deps, { dueAt: NOW + MINUTE })).toMatchObject({ sent: 0 })
  expect(program.mailer.attempts).toHaveLength(1)
  expect(await digests()).toMatchObject([{ state: 'sent', reply: expect.stringContaining('not sent again') }])
  expect(await waiting()).toEqual([])
})

test('a digest that is sent again leaves out what is others’ by now, and keeps it', async () => {
  const { program, deps, directory, digests, waiting } = await compiled()
  await deliver(deps, { dueAt: NOW })
  const [digest] = await digests()
  await resendDigest(deps, ROOT, digest?.digest_id ?? '')
  directory.readers = { [SALES]: [CAROL] }
  expect(await deliver(deps, { dueAt: NOW + MINUTE })).toMatchObject({ sent: 1 })
  expect(program.mailer.attempts[1]).toMatchObject({ html: expect.stringContaining('1 message held back') })
  expect(await waiting()).toEqual([])
})

test('a later digest no longer tells of earlier messages of an alias that was moved', async () => {
  const { program, deps, directory } = await compiled()
  await deliver(deps, { dueAt: NOW })
  program.time.now += 2 * HOUR
  const now = program.time.now
  directory.readers = { [SALES]: [CAROL] }
  await hold(program.storage, { recipient: BOB, receivedAt: now - MINUTE, subject: 'Later' })
  await run(deps, { ...EVERYBODY, dueAt: now })
  await deliver(deps, { dueAt: now })
  const [, later] = program.mailer.attempts
  expect(later?.text).toContain('Later')
  expect(later?.text).not.toContain('For sales')
})

test('nobody is told that nothing was held once the mailbox is gone', async () => {
  const { program, deps, directory, digests } = await compiled()
  await deliver(deps, { dueAt: NOW })
  await setSchedules(program.state, scheduleOf('daily', { isDefault: true, sendsEmpty: true }))
  program.time.now += HOUR
  const dueAt = program.time.now
  expect(await run(deps, { ...EVERYBODY, schedule: 'daily', dueAt })).toEqual({ digests: 1, items: 0 })
  directory.readers = { [BOB]: [off(BOB)] }
  await deliver(deps, { dueAt })
  expect(program.mailer.attempts).toHaveLength(1)
  expect(await digests()).toContainEqual(expect.objectContaining({ item_count: 0, state: 'empty' }))
})

/** A digest for bob with a message for bob and one for sales. */
async function compiled() {
  const program = await embeddedProgram()
  await hold(
    program.storage,
    { recipient: BOB, receivedAt: NOW - HOUR, subject: 'For bob' },
    { recipient: SALES, receivedAt: NOW - HOUR, subject: 'For sales' },
  )
  const directory = changingDirectory({ [SALES]: [BOB] })
  const deps = { ...program.deps, directory }
  expect(await run(deps, EVERYBODY)).toEqual({ digests: 1, items: 2 })
  return {
    program,
    directory,
    deps,
    digests: () => program.rows('digest_digest'),
    async waiting() {
      const items = await program.rows('digest_item')
      return items.filter(item => item.digest_id === null).map(item => item.reader)
    },
  }
}
