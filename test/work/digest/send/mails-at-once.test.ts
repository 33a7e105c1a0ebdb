import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createWorkWatch } from '../../../../src/ground/health/work-watch.ts'
import { MailsAtOnce } from '../../../../src/work/digest/send/mails-at-once.ts'
import { NOW } from '../../../embedded/clock.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { digestRow, insert } from '../../../embedded/rows.ts'

const ids = (count: number) => Array.from({ length: count }, (_, index) => `digest-${index}`)
const sent = (digestId: string) => ({ digestId, resent: 0, reply: `250 ${digestId}` })

test('a hundred answers that come together are recorded in one statement, each with its own reply', async () => {
  const { mails, rows, updates } = await withDigests(100)
  await Promise.all(ids(100).map(id => mails.run(() => mails.recordSent(sent(id)))))
  expect(updates()).toBe(1)
  const digests = await rows('digest_digest')
  expect(digests.map(({ digest_id, reply }) => [digest_id, reply])).toEqual(
    digests.map(({ digest_id }) => [digest_id, `250 ${digest_id}`]),
  )
  expect(new Set(digests.map(({ state }) => state))).toEqual(new Set(['sent']))
})

test('a mail keeps its place until it is recorded, and no place stays empty for the others', async () => {
  const { mails } = await withDigests(60, 4)
  let unrecorded = 0
  let most = 0
  await Promise.all(
    ids(60).map(id =>
      mails.run(async () => {
        most = Math.max(most, ++unrecorded)
        await wait(Math.random() * 3)
        await mails.recordSent(sent(id))
        unrecorded -= 1
      }),
    ),
  )
  expect(most).toBe(4)
})

test('an answer does not wait for a mail that takes long', async () => {
  const { mails, rows } = await withDigests(1, 4)
  const slow = Promise.withResolvers<void>()
  const slowMail = mails.run(() => slow.promise)
  await mails.run(() => mails.recordSent(sent('digest-0')))
  expect(await rows('digest_digest')).toMatchObject([{ state: 'sent' }])
  slow.resolve()
  await slowMail
})

test('a digest that cannot be recorded does not keep the others from it, and is tried again', async () => {
  const { mails, rows, state, works } = await withDigests(3)
  const states = async () => (await rows('digest_digest')).map(row => row.state)
  await sql`create trigger no_record before update on digest_digest when old.digest_id = 'digest-1'
    begin select raise(abort, 'no record'); end`.execute(state.sql)
  const [first, second, third] = ids(3).map(id => mails.run(() => mails.recordSent(sent(id))))
  await Promise.all([first, third])
  expect(await states()).toEqual(['sent', 'pending', 'sent'])
  await sql`drop trigger no_record`.execute(state.sql)
  await second
  expect(await states()).toEqual(['sent', 'sent', 'sent'])
  expect(works.states()).toContainEqual({ part: 'recording', code: undefined })
})

/** Pending digests, and as many mails at once, if not said otherwise. */
async function withDigests(count: number, most = count) {
  const { state, rows, statements } = await embeddedProgram()
  const digests = ids(count).map(id =>
    digestRow(id, `${id}@example.com`, NOW, { state: 'pending', reply: null }),
  )
  await insert({ state }, 'digest_digest', digests)
  statements.length = 0
  const works = createWorkWatch(() => NOW)
  return {
    state,
    rows,
    works,
    mails: new MailsAtOnce(most, { state, works, clock: () => NOW }),
    updates: () => statements.filter(text => text.startsWith('update')).length,
  }
}
