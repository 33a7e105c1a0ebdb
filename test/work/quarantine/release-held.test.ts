import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../src/ground/durations.ts'
import type { Viewer } from '../../../src/rules/reach/viewer.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { heldIdOf } from '../../../src/work/collect/item-id.ts'
import { writeWatermark } from '../../../src/work/collect/watermark.ts'
import { compile } from '../../../src/work/digest/make/compile.ts'
import { heldFor } from '../../../src/work/quarantine/held-for.ts'
import { releaseHeld } from '../../../src/work/quarantine/release-held.ts'
import { releaseStates } from '../../../src/work/quarantine/release-state.ts'
import { settingsOf } from '../../../src/work/settings/read-settings.ts'
import { NOW } from '../../embedded/clock.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { hold, recipientStatus } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { digestRow, insert } from '../../embedded/rows.ts'
import { DEFERRED, REFUSED, RELEASED } from '../../embedded/scripted-transport.ts'
import { adminOf, byLink, signedIn } from '../../embedded/viewers.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const SALES = 'sales@example.com'
const OF_SALES = { [SALES]: [ALICE, BOB] }

const PLAIN = { confirmed: false, again: false }

test('a hundred tabs, sessions and links of two readers and an admin, get one copy of a message without an item', async () => {
  const { deps, transport, storage, rows, heldId, key } = await held({ receivedAt: NOW - 20 * DAY })
  const viewers = [signedIn(ALICE), signedIn(BOB), byLink(ALICE, heldId), adminOf('example.com')]
  const tabs = Array.from({ length: 100 }, (_, tab) => viewers[tab % viewers.length] ?? adminOf())
  const outcomes = await Promise.all(tabs.map(viewer => releaseHeld(deps, viewer, '0.wanted.1', PLAIN)))
  expect(outcomes.filter(({ status }) => status === 'released')).toHaveLength(1)
  expect(outcomes.filter(({ status }) => status === 'already-released')).toHaveLength(99)
  expect(transport.requests).toMatchObject([{ recipient: SALES }])
  expect(await recipientStatus(storage, key)).toBe('R')
  expect(await rows('digest_release')).toMatchObject([{ item_id: heldId, state: 'released' }])
  expect((await rows('digest_item')).map(item => item.reader).sort()).toEqual([ALICE, BOB])
  expect(await rows('digest_audit')).toHaveLength(100)
})

test('the other reader of the address is told who released it', async () => {
  const { deps } = await held()
  await releaseHeld(deps, signedIn(BOB), '0.wanted', PLAIN)
  expect(await releaseHeld(deps, signedIn(ALICE), '0.wanted', PLAIN)).toMatchObject({
    status: 'already-released',
    releasedBy: { reader: BOB },
  })
})

test('an old message that was released by hand lands in no digest, whether amavisd obeyed or not', async () => {
  const { deps, transport, rows, digestsOf } = await held({ receivedAt: NOW - 20 * DAY })
  transport.answer = () => REFUSED
  expect(await releaseHeld(deps, signedIn(ALICE), '0.wanted', PLAIN)).toMatchObject({ status: 'failed' })
  expect(await rows('digest_item')).toHaveLength(2)
  expect(await digestsOf(ALICE, BOB)).toBe(0)
  transport.answer = () => RELEASED
  expect(await releaseHeld(deps, signedIn(BOB), '0.wanted', PLAIN)).toMatchObject({ status: 'released' })
  expect(await digestsOf(ALICE, BOB)).toBe(0)
})

test('a message that collect is about to find is listed all the same if it was not released', async () => {
  const { deps, transport, rows, digestsOf } = await held({ receivedAt: NOW - MINUTE })
  transport.answer = () => REFUSED
  await releaseHeld(deps, signedIn(ALICE), '0.wanted', PLAIN)
  expect(await collect(deps, NOW)).toBe(0)
  expect(await rows('digest_item')).toHaveLength(2)
  expect(await digestsOf(ALICE, BOB)).toBe(2)
})

test('a message that collect is about to find is listed to nobody once it is released', async () => {
  const { deps, digestsOf } = await held({ receivedAt: NOW - MINUTE })
  await releaseHeld(deps, signedIn(ALICE), '0.wanted', PLAIN)
  expect(await collect(deps, NOW)).toBe(0)
  expect(await digestsOf(ALICE, BOB)).toBe(0)
})

test('risky mail is confirmed by whoever releases it; only an admin releases what was requested', async () => {
  const banned = await held({ content: 'B' })
  const release = (viewer: Viewer, request = PLAIN) => releaseHeld(banned.deps, viewer, '0.wanted', request)
  for (const viewer of [signedIn(ALICE), adminOf()])
    await expect(release(viewer)).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED' })
  expect(banned.transport.requests).toEqual([])
  expect(await release(adminOf(), { confirmed: true, again: false })).toMatchObject({ status: 'released' })

  const requested = await held({ rs: 'p' })
  expect(await releaseHeld(requested.deps, signedIn(ALICE), '0.wanted', PLAIN)).toEqual({
    status: 'requested',
    code: null,
  })
  expect(requested.transport.requests).toEqual([])
  expect(await releaseHeld(requested.deps, adminOf(), '0.wanted', PLAIN)).toMatchObject({
    status: 'released',
  })

  const virus = await held({ content: 'V' })
  for (const viewer of [signedIn(ALICE), adminOf()])
    await expect(
      releaseHeld(virus.deps, viewer, '0.wanted', { confirmed: true, again: false }),
    ).rejects.toMatchObject({ code: 'POLICY_REFUSED' })
})

test('a click on a link has to be the button’s once a machine was seen', async () => {
  const { deps, heldId, ...program } = await held()
  await insert(program, 'digest_digest', [digestRow('read', ALICE, NOW, { canary_at: NOW })])
  await expect(releaseHeld(deps, byLink(ALICE, heldId), '0.wanted', PLAIN)).rejects.toMatchObject({
    code: 'CONFIRMATION_REQUIRED',
  })
  expect(
    await releaseHeld(deps, byLink(ALICE, heldId), '0.wanted', { ...PLAIN, pressed: true }),
  ).toMatchObject({ status: 'released' })
})

test('the page learns live what becomes of a queued release, a reader with the MTA’s codes and an admin with its words', async () => {
  const { deps, transport } = await held()
  const live = async (viewer: Viewer) => (await releaseStates(deps, viewer, '0.wanted')).get('0.wanted.1')
  expect(await live(signedIn(ALICE))).toEqual({ is: 'held', reply: undefined })
  transport.answer = () => DEFERRED
  await releaseHeld(deps, signedIn(ALICE), '0.wanted', PLAIN)
  expect(await live(signedIn(BOB))).toEqual({ is: 'queued', reply: '451 4.5.0' })
  expect(await live(adminOf())).toEqual({ is: 'queued', reply: DEFERRED.reply })
})

/** A message to an address with two readers. */
async function held(spec: { receivedAt?: number; content?: string; rs?: string } = {}) {
  const program = await embeddedProgram()
  const [key] = await hold(program.storage, {
    recipient: SALES,
    receivedAt: NOW - HOUR,
    mailId: 'wanted',
    ...spec,
  })
  if (!key) throw new Error('nothing is held')
  const deps = { ...program.deps, directory: directoryWith(OF_SALES) }
  await writeWatermark(program.state, NOW - HOUR / 2)
  const [row] = await heldFor(deps, adminOf(), '0.wanted')
  const digestsOf = async (...readers: readonly string[]) => {
    const settings = await settingsOf(deps.state, readers, deps.standard)
    return (await compile(deps, `run-${Math.random()}`, settings, NOW)).digests
  }
  return { ...program, deps, key, heldId: row ? heldIdOf(row) : '', digestsOf }
}
