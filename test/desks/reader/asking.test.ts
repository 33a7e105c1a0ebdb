import { expect, test } from 'vitest'
import { openMessage } from '../../../src/desks/reader/open-message.ts'
import { releaseForReader } from '../../../src/desks/reader/release-for-reader.ts'
import { releaseTogether } from '../../../src/desks/reader/release-together.ts'
import { openWholeDigest } from '../../../src/desks/reader/whole-digest.ts'
import { DAY } from '../../../src/ground/durations.ts'
import { asReader } from '../../../src/rules/reach/visitor.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { historiesOf } from '../../../src/work/digest/show/digest-history.ts'
import { releaseHeld } from '../../../src/work/quarantine/release-held.ts'
import { releaseMessage } from '../../../src/work/release/release-message.ts'
import { NOW } from '../../embedded/clock.ts'
import { updateRecipient } from '../../embedded/held-mail.ts'
import { signedIn } from '../../embedded/viewers.ts'
import { policiesWith } from '../../standard-policies.ts'
import { ALICE, BOB, decider, REF, requestsWorld } from '../../work/requests/requests-world.ts'

const CLICK = { confirmed: false, again: false, pressed: true, remoteAddress: null }

test('one click of a reader asks, another reader of the message sees that and may join, and nothing is released', async () => {
  const { click, seenBy, status, waiting, transport } = await world()
  expect(await seenBy(ALICE)).toMatchObject({ is: 'waiting', offer: 'request', mayReleaseItself: false })
  const first = await click(ALICE)
  expect(first.outcome).toMatchObject({ status: 'requested', code: null })
  expect(first.opened.state).toMatchObject({
    is: 'requested',
    mayJoin: false,
    request: { askedAt: NOW, expiresAt: NOW + 7 * DAY },
  })
  expect(await status()).toBe('p')
  expect(await seenBy(BOB)).toMatchObject({ is: 'requested', mayJoin: true, request: { state: 'waiting' } })
  await click(BOB)
  expect(await seenBy(BOB)).toMatchObject({ is: 'requested', mayJoin: false })
  expect(await waiting()).toMatchObject([{ readers: [ALICE, BOB] }])
  expect(transport.requests).toEqual([])
})

test('what an admin has refused says so with the note, and cannot be asked for again', async () => {
  const { click, desk, seenBy, waiting, later } = await world()
  await click(ALICE)
  const [request] = await waiting()
  later(1000)
  await desk.refuse(decider(), request?.id ?? '', { note: '<b>Not this one</b>' })
  const refused = { is: 'refused', at: NOW + 1000, note: '<b>Not this one</b>' }
  expect(await seenBy(ALICE)).toEqual(refused)
  expect(await seenBy(BOB)).toEqual(refused)
  const again = await click(ALICE)
  expect(again.outcome).toMatchObject({ status: 'failed', code: 'POLICY_REFUSED', mayRetry: false })
  expect(again.opened.state).toEqual(refused)
  expect(await waiting()).toEqual([])
})

test('what nobody has decided in time says so, and can be asked for again', async () => {
  const { click, seenBy, later, sweep } = await world()
  await click(ALICE)
  later(7 * DAY)
  await sweep()
  expect(await seenBy(ALICE)).toMatchObject({ is: 'waiting', expired: NOW })
  await sweep()
  expect(await seenBy(ALICE)).toMatchObject({ is: 'waiting', offer: 'request', expired: NOW })
  expect((await click(ALICE)).outcome).toMatchObject({ status: 'requested' })
})

test('after the approval, it is released as everything is', async () => {
  const { click, desk, seenBy, waiting } = await world()
  await click(ALICE)
  const [request] = await waiting()
  await desk.approve(decider(), request?.id ?? '', {})
  expect(await seenBy(ALICE)).toMatchObject({ is: 'released' })
  expect((await click(BOB)).outcome).toMatchObject({ status: 'already-released' })
})

test('what Mailzu has marked as asked for is asked for, also where readers may release such mail', async () => {
  const { click, deps, key, seenBy, storage, transport, whole } = await world()
  await updateRecipient(storage, key, { rs: 'p' })
  expect(await seenBy(ALICE)).toEqual({ is: 'requested', request: undefined, mayJoin: true })
  expect(await whole(ALICE)).toMatchObject([{ mayJoin: true }])
  Object.assign(deps.policies, policiesWith({ banned: 'release' }))
  expect(await seenBy(ALICE)).toEqual({ is: 'requested', request: undefined, mayJoin: false })
  expect((await click(ALICE)).outcome).toMatchObject({ status: 'requested' })
  expect(transport.requests).toEqual([])
})

test('no door lets a reader release what has to be asked for', async () => {
  const { deps, itemOf, transport, together, whole, status } = await world()
  const item = await itemOf(ALICE)
  const visitor = asReader(ALICE)
  const actor = { kind: 'reader', name: ALICE, remoteAddress: null } as const
  const confirmed = { visitor, actor, confirmed: true, again: true }
  await expect(releaseMessage(deps, item, confirmed)).rejects.toMatchObject({ code: 'POLICY_REFUSED' })
  expect(await status()).toBe('')
  const choice = { confirmed: true, again: true, amongSeveral: true }
  await expect(
    releaseHeld(deps, signedIn(ALICE), REF, { ...choice, confirmed: false }),
  ).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED' })
  expect(await status()).toBe('')
  expect((await together(ALICE)).results).toMatchObject([{ status: 'left-out' }])
  expect(await status()).toBe('')
  expect(await releaseHeld(deps, signedIn(ALICE), REF, choice)).toEqual({ status: 'requested', code: null })
  expect((await together(ALICE)).results).toMatchObject([{ status: 'requested' }])
  const asked = { offer: 'none', mail: { state: 'pending' }, isRefused: false }
  expect(await whole(ALICE)).toMatchObject([{ ...asked, mayJoin: false }])
  expect(await whole(BOB)).toMatchObject([{ ...asked, mayJoin: true }])
  expect(transport.requests).toEqual([])
})

test('while it is asked for, and once it is refused, no digest lists it, neither as new nor as expiring soon', async () => {
  const { click, deps, desk, digestsOf, whole, rows, later, waiting } = await world()
  const soon = async () => {
    const next = { digestId: 'next', reader: BOB, createdAt: deps.clock() + 1 }
    return (await historiesOf({ ...deps, expiringSoon: 30 * DAY }, [next], deps.clock())).get('next')?.waiting
  }
  expect(await soon()).toMatchObject([{ expiresSoon: true }])
  await click(ALICE)
  await deps.state.sql
    .updateTable('digest_item')
    .set({ digest_id: null })
    .where('reader', '=', ALICE)
    .execute()
  later(1000)
  expect(await digestsOf(ALICE)).toBe(0)
  expect(await soon()).toEqual([])
  const [request] = await waiting()
  await desk.refuse(decider(), request?.id ?? '', {})
  expect(await digestsOf(ALICE)).toBe(0)
  expect(await soon()).toEqual([])
  expect(await whole(BOB)).toMatchObject([{ offer: 'none', isRefused: true }])
  expect((await rows('digest_item')).map(({ digest_id }) => digest_id)).not.toContain(null)
})

test('where an approved release failed, its reader may ask once more', async () => {
  const { click, desk, seenBy, waiting, transport, later } = await world()
  transport.answer = () => ({ outcome: 'refused', reply: '550 5.1.1 no such user' })
  await click(ALICE)
  const [request] = await waiting()
  await desk.approve(decider(), request?.id ?? '', {})
  expect(await seenBy(ALICE)).toMatchObject({ is: 'failed', code: 'AMAVISD_REFUSED', mayRetry: true })
  later(1000)
  expect((await click(ALICE)).outcome).toMatchObject({ status: 'requested' })
  expect(await seenBy(ALICE)).toMatchObject({ is: 'requested', mayJoin: false })
  expect(await waiting()).toHaveLength(1)
})

/** The banned message for Alice and Bob, which each got in a digest. */
async function world() {
  const made = await requestsWorld()
  const { deps, itemOf, rows } = made
  const digestsOf = async (...readers: string[]) =>
    (await run(deps, { schedule: undefined, readers, dueAt: deps.clock() })).digests
  expect(await digestsOf(ALICE, BOB)).toBe(2)
  await deps.state.sql.updateTable('digest_digest').set({ state: 'sent' }).execute()
  const digestOf = async (reader: string) => {
    const digest = (await rows('digest_digest')).find(row => row.reader === reader)
    return { digestId: digest?.digest_id ?? '', reader, language: 'en', timeZone: 'UTC', createdAt: NOW }
  }
  return {
    ...made,
    digestsOf,
    seenBy: async (reader: string) => (await openMessage(deps, asReader(reader), await itemOf(reader))).state,
    click: async (reader: string) => releaseForReader(deps, asReader(reader), await itemOf(reader), CLICK),
    whole: async (reader: string) =>
      (await openWholeDigest(deps, asReader(reader), await digestOf(reader), { page: 1, find: '' })).entries,
    together: async (reader: string) =>
      releaseTogether(deps, asReader(reader), await digestOf(reader), {
        ...CLICK,
        itemIds: [(await itemOf(reader)).itemId],
      }),
  }
}
