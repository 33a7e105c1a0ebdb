import { expect, test } from 'vitest'
import { releaseByAdmin } from '../../../src/desks/admin/releases/release-by-admin.ts'
import { findHeldMail, findJudgedMail } from '../../../src/ground/amavis/held-mail.ts'
import { findReleaseHandle, markReleased } from '../../../src/ground/amavis/release-handle.ts'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { type Item, itemOf } from '../../../src/work/collect/items.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { deliver } from '../../../src/work/digest/send/deliver.ts'
import { openReleaseLink, openWholeDigest, releaseByLink } from '../../desks/reader/by-link.ts'
import { NOW } from '../../embedded/clock.ts'
import { ROOT } from '../../embedded/editors.ts'
import { hold, purge, recipientStatus } from '../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'

const ALICE = 'alice@example.com'
/** A partition tag made of the weekday recurs after a week, while links are still valid. */
const WEEK = 7 * DAY
const KEY = { partitionTag: 11, mailId: 'j0hWRAnY0bvs', rseqnum: 1 }
const POSTED = { confirmed: false, again: false, pressed: false, remoteAddress: null }

test('a key that recurs with its partition tag is another message: the old item neither shows nor releases it', async () => {
  const program = await embeddedProgram()
  const { deps, storage, time } = program
  await hold(storage, { ...KEY, recipient: ALICE, receivedAt: NOW - HOUR, subject: 'This week' })
  await digest(program, NOW)
  await purge(storage, KEY)
  time.now = NOW + WEEK
  await hold(storage, { ...KEY, recipient: ALICE, receivedAt: time.now - HOUR, subject: 'Next week' })
  await digest(program, time.now)

  const [old, fresh] = await itemsOf(program)
  if (!old || !fresh) throw new Error('two items are expected')
  expect(await itemsOf(program)).toHaveLength(2)
  expect([...(await findHeldMail(deps.storage, [old, fresh])).values()]).toMatchObject([
    { subject: 'Next week', receivedAt: time.now - HOUR },
  ])
  expect(await findReleaseHandle(deps.storage, old)).toBeUndefined()
  await markReleased(deps.storage, old)
  expect(await recipientStatus(storage, KEY)).toBe(' ')

  const link = tokenOf(program, old)
  expect(await openReleaseLink(deps, link)).toMatchObject({
    mail: undefined,
    state: { is: 'failed', code: 'MESSAGE_GONE' },
  })
  await expect(releaseByLink(deps, link, POSTED)).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
  expect(program.transport.requests).toEqual([])

  expect(await releaseByLink(deps, tokenOf(program, fresh), POSTED)).toMatchObject({
    outcome: { status: 'released' },
  })
  expect(await recipientStatus(storage, KEY)).toBe('R')
  expect(program.mailer.attempts).toHaveLength(2)
})

test('an old item that is still pending when its key recurs is dropped; the new message is listed once', async () => {
  const program = await embeddedProgram()
  const { deps, storage, time } = program
  await hold(storage, { ...KEY, recipient: ALICE, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  await purge(storage, KEY)
  time.now = NOW + WEEK
  await hold(storage, { ...KEY, recipient: ALICE, receivedAt: time.now - HOUR, subject: 'Next week' })
  await digest(program, time.now)
  expect(await program.rows('digest_digest')).toMatchObject([{ item_count: 1, state: 'sent' }])
  expect(await program.rows('digest_item')).toMatchObject([{ mail_at: time.now - HOUR }])
})

test.each([
  ['without a time', () => 0],
  ['whose clock is a year ahead', () => NOW + 364 * DAY],
])('a message %s is listed once, and counts as received when it was collected', async (_, receivedAt) => {
  const program = await embeddedProgram()
  const { deps, storage, time } = program
  const [key] = await hold(storage, { recipient: ALICE, receivedAt: receivedAt() })
  await digest(program, NOW)
  for (const hours of [1, 24, 48]) await digest(program, NOW + hours * HOUR)

  expect(program.mailer.attempts).toHaveLength(1)
  const [item] = await itemsOf(program)
  if (!item || !key) throw new Error('the message was not collected')
  expect([...(await findHeldMail(deps.storage, [item])).values()]).toMatchObject([{ receivedAt: NOW }])
  expect(program.mailer.attempts[0]?.text).not.toMatch(/1970|2027/)
  const whole = await openWholeDigest(deps, await digestTokenOf(program), 1)
  expect(whole.entries).toMatchObject([{ mail: { state: 'held' }, releasableUntil: NOW + 14 * DAY }])
  const { releasableUntil } = deps.urls.release(item, NOW + 25 * DAY, NOW + 25 * DAY)
  expect(releasableUntil).toBe(NOW + deps.retention.longest)

  time.now = NOW + 2 * DAY
  expect(await releaseByLink(deps, tokenOf(program, item), POSTED)).toMatchObject({
    outcome: { status: 'released' },
  })
  expect(await recipientStatus(storage, key)).toBe('R')
})

test('a message whose address was cleaned up is still listed and released, because the item has the recipient', async () => {
  const program = await embeddedProgram()
  const { deps, storage } = program
  const [key] = await hold(storage, { recipient: ALICE, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  await storage.sql.deleteFrom('maddr').execute()
  await digest(program, NOW)
  expect(await program.rows('digest_digest')).toMatchObject([{ item_count: 1, state: 'sent' }])
  const [item] = await itemsOf(program)
  if (!item || !key) throw new Error('the message was not collected')
  expect([...(await findHeldMail(deps.storage, [item])).values()]).toMatchObject([
    { recipient: ALICE, sender: '', state: 'held' },
  ])
  expect(await releaseByLink(deps, tokenOf(program, item), POSTED)).toMatchObject({
    outcome: { status: 'released' },
  })
  expect(program.transport.requests).toMatchObject([{ recipient: ALICE }])
  expect(await recipientStatus(storage, key)).toBe('R')
})

test('a message is judged by the same facts as are shown of it', async () => {
  const program = await embeddedProgram()
  const { deps, storage } = program
  await hold(
    storage,
    { recipient: ALICE, receivedAt: NOW - HOUR },
    { recipient: ALICE, receivedAt: NOW - HOUR, content: 'S', bl: 'Y', score: 7 },
  )
  await collect(deps, NOW)
  const items = await itemsOf(program)
  const shown = await findHeldMail(deps.storage, items)
  const judged = await findJudgedMail(deps.storage, items)
  expect(judged.size).toBe(2)
  for (const [key, mail] of judged) expect(shown.get(key)).toMatchObject(mail)
})

test('a message whose address has become a different one is gone', async () => {
  const program = await embeddedProgram()
  const { deps, storage } = program
  await hold(storage, { recipient: ALICE, receivedAt: NOW - HOUR })
  await digest(program, NOW)
  await storage.sql
    .updateTable('maddr')
    .set({ email: 'mallory@example.com' })
    .where('email', '=', ALICE)
    .execute()
  const [item] = await itemsOf(program)
  if (!item) throw new Error('the message was not collected')
  expect(await findHeldMail(deps.storage, [item])).toEqual(new Map())
  expect(await findReleaseHandle(deps.storage, item)).toBeUndefined()
  await expect(releaseByLink(deps, tokenOf(program, item), POSTED)).rejects.toMatchObject({
    code: 'MESSAGE_GONE',
  })
})

test('rows that become orphans after they were collected do no harm', async () => {
  const program = await embeddedProgram()
  const { deps, storage } = program
  const spam = { recipient: ALICE, receivedAt: NOW - HOUR }
  const [withoutRecipient, withoutMessage] = await hold(storage, spam, spam, spam)
  await collect(deps, NOW)
  const drop = (table: 'msgs' | 'msgrcpt', mailId = '') =>
    storage.sql.deleteFrom(table).where('mail_id', '=', mailId).execute()
  await drop('msgrcpt', withoutRecipient?.mailId)
  await drop('msgs', withoutMessage?.mailId)
  for (const key of [withoutRecipient, withoutMessage]) {
    const request = { mailId: key?.mailId ?? '', recipient: ALICE, by: ROOT, again: false }
    await expect(releaseByAdmin(deps, request)).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
  }
  await digest(program, NOW)
  expect(await program.rows('digest_digest')).toMatchObject([{ item_count: 1, state: 'sent' }])
})

async function digest({ deps, time }: EmbeddedProgram, now: number): Promise<void> {
  time.now = now
  await run(deps, { schedule: undefined, readers: undefined, dueAt: now })
  await deliver(deps, { dueAt: now })
}

const itemsOf = async ({ rows }: EmbeddedProgram): Promise<Item[]> =>
  (await rows('digest_item')).sort((a, b) => a.mail_at - b.mail_at).map(itemOf)

const tokenOf = ({ deps, time }: EmbeddedProgram, item: Item): string =>
  deps.urls.release(item, time.now, time.now).url.split('/').at(-1) ?? ''

async function digestTokenOf({ deps, rows }: EmbeddedProgram): Promise<string> {
  const [row] = await rows('digest_digest')
  if (!row) throw new Error('no digest was made')
  const shown = { digestId: row.digest_id, reader: row.reader, createdAt: Number(row.created_at) }
  return deps.urls.ofDigest(shown, shown.createdAt).digest.split('/').at(-1) ?? ''
}

test.each(['V', 'v'])(
  'a message that was viewed in another program (rs = %s) can still be released',
  async rs => {
    const program = await embeddedProgram()
    const { deps, storage } = program
    await hold(storage, { recipient: ALICE, receivedAt: NOW - HOUR, rs })
    await digest(program, NOW)
    const [item] = await itemsOf(program)
    if (!item) throw new Error('the message was not collected')
    expect([...(await findHeldMail(deps.storage, [item])).values()]).toMatchObject([{ state: 'held' }])
  },
)
