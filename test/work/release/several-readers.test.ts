import { expect, test } from 'vitest'
import { releaseByAdmin } from '../../../src/desks/admin/releases/release-by-admin.ts'
import type { ReleaseAnswer } from '../../../src/ground/amavisd/transport.ts'
import { HOUR } from '../../../src/ground/durations.ts'
import { asReader } from '../../../src/rules/reach/visitor.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { findItem } from '../../../src/work/collect/items.ts'
import { releaseNews } from '../../../src/work/digest/show/release-news.ts'
import { findRelease } from '../../../src/work/release/claims.ts'
import { releaseMessage } from '../../../src/work/release/release-message.ts'
import { NOW } from '../../embedded/clock.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { ROOT } from '../../embedded/editors.ts'
import { hold, recipientStatus, updateRecipient } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { releaseItem } from '../../embedded/release-item.ts'
import { DEFERRED, REFUSED, RELEASED } from '../../embedded/scripted-transport.ts'
import { retryDue } from './retry-due.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const SALES = 'Sales@Example.com'

test('two readers who click at once get one copy, for the original recipient, and the other learns who was first', async () => {
  const { key, rows, storage, transport, release } = await heldForBoth()
  const answered = Promise.withResolvers<ReleaseAnswer>()
  transport.answer = () => answered.promise
  const clicks = [ALICE, BOB, ALICE, BOB].map(reader => release(reader))
  await expect.poll(() => transport.requests.length).toBe(1)
  answered.resolve(RELEASED)
  const outcomes = await Promise.all(clicks)
  const [first = ''] = transport.requests.map(({ requestedBy }) => requestedBy)
  expect([ALICE, BOB]).toContain(first)
  expect(transport.requests).toMatchObject([{ recipient: SALES }])
  const other = first === ALICE ? [1, 3] : [0, 2]
  expect(other.map(index => outcomes[index])).toEqual(
    other.map(() => ({ status: 'already-released', code: null, releasedBy: { reader: first, at: NOW } })),
  )
  const own = outcomes.filter((_, index) => !other.includes(index))
  expect(own).toEqual(
    expect.arrayContaining([
      { status: 'released', code: null },
      { status: 'already-released', code: null },
    ]),
  )
  expect(await rows('digest_release')).toHaveLength(1)
  expect(await recipientStatus(storage, key)).toBe('R')
})

test('a reader who read the tables a moment before the other’s release learns who was first', async () => {
  const { deps, idOf, release } = await heldForBoth()
  const item = await findItem(deps.state, idOf(ALICE))
  if (!item) throw new Error('no item')
  await release(BOB)
  const actor = { kind: 'reader', name: ALICE, remoteAddress: null } as const
  const request = { visitor: asReader(ALICE), actor, confirmed: false, again: false }
  const seen = { release: undefined, mail: { state: 'released' } as never }
  expect(await releaseMessage(deps, item, request, seen)).toMatchObject({
    status: 'already-released',
    releasedBy: { reader: BOB },
  })
})

test('a message that is marked as released is, even if the process died before it recorded that', async () => {
  const { deps, state, heldId, idOf, transport, release } = await heldForBoth()
  await release(ALICE)
  await state.sql.updateTable('digest_release').set({ state: 'uncertain' }).execute()
  const item = await findItem(state, idOf(BOB))
  if (!item) throw new Error('no item')
  const actor = { kind: 'reader', name: BOB, remoteAddress: null } as const
  const request = { visitor: asReader(BOB), actor, confirmed: false, again: false }
  const seen = { release: await findRelease(state, heldId), mail: { state: 'released' } as never }
  expect(await releaseMessage(deps, item, request, seen)).toEqual({ status: 'already-released', code: null })
  expect(transport.requests).toHaveLength(1)
  // No admin has to find out what became of it.
  expect(await findRelease(state, heldId)).toMatchObject({ state: 'released' })
})

test('readers are told of an admin without a name, and of another program not at all', async () => {
  const { deps, key, other, storage, time, transport, release } = await heldForBoth()
  await releaseByAdmin(deps, { mailId: key.mailId, recipient: SALES, by: ROOT, again: false })
  for (const reader of [ALICE, BOB]) {
    expect(await release(reader)).toEqual({
      status: 'already-released',
      code: null,
      releasedBy: { reader: undefined, at: NOW },
    })
  }
  transport.answer = () => DEFERRED
  await release(BOB, other.mailId)
  await updateRecipient(storage, other, { rs: 'R' })
  time.now += 5000
  await retryDue(deps)
  expect(await release(ALICE, other.mailId)).toEqual({ status: 'already-released', code: null })
})

test('what failed for one reader, another may ask for: it is theirs from then on', async () => {
  const { state, heldId, idOf, rows, time, transport, release } = await heldForBoth()
  transport.answer = () => REFUSED
  expect(await release(BOB)).toMatchObject({ status: 'failed' })
  const news = async () =>
    (await releaseNews(state, [ALICE, BOB], 0)).map(({ item, what }) => [item.reader, what])
  expect(await news()).toEqual([[BOB, 'refused']])
  time.now += 1000
  expect(await release(ALICE)).toMatchObject({ status: 'failed' })
  expect(await news()).toEqual([[ALICE, 'refused']])
  expect(await rows('digest_release')).toMatchObject([
    {
      item_id: heldId,
      asked_item: idOf(ALICE),
      requested_by: ALICE,
      asked_by: ALICE,
      requested_at: time.now,
    },
  ])
  transport.answer = () => RELEASED
  expect(await release(BOB)).toEqual({ status: 'released', code: null })
  expect(await release(ALICE)).toMatchObject({ releasedBy: { reader: BOB } })
})

test('a queued release stays that of the reader who asked first, and an admin’s becomes that of the first who asks', async () => {
  const { deps, key, other, idOf, rows, transport, release } = await heldForBoth()
  transport.answer = () => DEFERRED
  await release(BOB)
  expect(await release(ALICE)).toEqual({ status: 'queued', code: 'AMAVISD_DEFERRED' })
  expect(await rows('digest_release')).toMatchObject([{ requested_by: BOB, asked_item: idOf(BOB) }])

  await releaseByAdmin(deps, { mailId: other.mailId, recipient: SALES, by: ROOT, again: false })
  const { mailId } = other
  const ofOther = async () => (await rows('digest_release')).filter(row => row.asked_by !== BOB)
  expect(await ofOther()).toMatchObject([{ requested_by: ALICE, asked_by: 'root' }])
  await releaseByAdmin(deps, { mailId: key.mailId, recipient: SALES, by: ROOT, again: false })
  expect(await ofOther()).toHaveLength(1)
  await release(BOB, mailId)
  await release(ALICE, mailId)
  expect(await rows('digest_release')).toMatchObject(
    [1, 2].map(() => ({ requested_by: BOB, asked_by: BOB, state: 'queued' })),
  )
})

test('if the item of the reader who asked is not kept any more, that of another reader takes its place', async () => {
  const { deps, state, key, idOf, rows, storage, time, transport, release } = await heldForBoth()
  transport.answer = () => DEFERRED
  await release(BOB)
  await state.sql.deleteFrom('digest_item').where('item_id', '=', idOf(BOB)).execute()
  transport.answer = () => RELEASED
  time.now += 5000
  expect(await retryDue(deps)).toBe(1)
  expect(transport.requests[1]).toMatchObject({ recipient: SALES, requestedBy: BOB })
  expect(await recipientStatus(storage, key)).toBe('R')
  expect(await release(ALICE)).toMatchObject({ releasedBy: { reader: BOB, at: time.now } })
  expect((await rows('digest_audit')).map(({ actor, item_id }) => [actor, item_id])).toEqual([
    [BOB, idOf(BOB)],
    ['retry', idOf(ALICE)],
    [ALICE, idOf(ALICE)],
  ])
})

/** Two collected messages to an address that forwards to Alice and Bob. */
async function heldForBoth() {
  const program = await embeddedProgram()
  const deps = { ...program.deps, directory: directoryWith({ 'sales@example.com': [ALICE, BOB] }) }
  const mail = { recipient: SALES, receivedAt: NOW - HOUR }
  const [key, other] = await hold(program.storage, mail, mail)
  if (!key || !other) throw new Error('nothing is held')
  await collect(deps, NOW)
  const items = await program.rows('digest_item')
  const itemOf = (reader: string, mailId = key.mailId) =>
    items.find(item => item.reader === reader && item.mail_id === mailId)
  const release = (reader: string, mailId = key.mailId) =>
    releaseItem(deps, {
      itemId: itemOf(reader, mailId)?.item_id ?? '',
      actor: { kind: 'reader', name: reader, remoteAddress: null },
      requestedBy: reader,
      confirmed: false,
      again: false,
    })
  const idOf = (reader: string) => itemOf(reader)?.item_id ?? ''
  return { ...program, deps, key, other, release, idOf, heldId: itemOf(ALICE)?.held_id ?? '' }
}
