import { expect, test } from 'vitest'
import type { ReleaseAnswer } from '../../../src/ground/amavisd/transport.ts'
import type { Dialect } from '../../../src/ground/database/database.ts'
import { HOUR } from '../../../src/ground/durations.ts'
import { type CollectDeps, collect } from '../../../src/work/collect/collect.ts'
import { heldIdOf } from '../../../src/work/collect/item-id.ts'
import { compile } from '../../../src/work/digest/make/compile.ts'
import { deleteHeld, restoreHeld } from '../../../src/work/quarantine/delete-held.ts'
import { rememberDeletion } from '../../../src/work/quarantine/deletions.ts'
import { heldFor } from '../../../src/work/quarantine/held-for.ts'
import { listedHeld } from '../../../src/work/quarantine/listed-held.ts'
import { releaseHeld } from '../../../src/work/quarantine/release-held.ts'
import { releaseStates } from '../../../src/work/quarantine/release-state.ts'
import { settingsOf } from '../../../src/work/settings/read-settings.ts'
import { NOW } from '../../embedded/clock.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { hold, recipientStatus, updateRecipient } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { DEFERRED, RELEASED } from '../../embedded/scripted-transport.ts'
import { adminOf, signedIn } from '../../embedded/viewers.ts'
import { retryDue } from '../release/retry-due.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const SALES = 'sales@example.com'
const PLAIN = { confirmed: false, again: false }
const REF = '0.unwanted.1'

test.each([
  ['', ''],
  ['V', 'V'],
  ['v', 'V'],
  ['p', 'p'],
])('deletes one that is %j, and what is restored is %j again', async (former, after) => {
  const { deps, status, rows } = await held({ rs: former || ' ' })
  expect(await deleteHeld(deps, signedIn(ALICE), REF)).toEqual({ status: 'deleted' })
  expect(await status()).toBe('D')
  expect(await deleteHeld(deps, signedIn(BOB), REF)).toEqual({ status: 'deleted' })
  expect(await restoreHeld(deps, signedIn(BOB), REF)).toEqual({ status: 'restored' })
  expect(await status()).toBe(after)
  expect(await restoreHeld(deps, signedIn(BOB), REF)).toEqual({ status: 'restored' })
  expect(
    (await rows('digest_audit')).map(line => [line.actor, line.action, line.outcome, line.recipient]),
  ).toEqual([
    [ALICE, 'delete', 'deleted', SALES],
    [BOB, 'delete', 'deleted', SALES],
    [BOB, 'restore', 'restored', SALES],
  ])
})

test('one recipient’s deletion leaves the others’ copies alone', async () => {
  const { deps, storage, status } = await held()
  const [other] = await hold(storage, {
    recipient: BOB,
    receivedAt: NOW - HOUR,
    mailId: 'unwanted',
    rseqnum: 2,
  })
  await deleteHeld(deps, signedIn(ALICE), REF)
  expect(await status()).toBe('D')
  expect(other && (await recipientStatus(storage, other)).trim()).toBe('')
})

test('a released message is never deleted', async () => {
  const { deps, status } = await held()
  await releaseHeld(deps, signedIn(BOB), REF, PLAIN)
  expect(await deleteHeld(deps, signedIn(ALICE), REF)).toEqual({ status: 'already-released' })
  expect(await status()).toBe('R')
  expect(await restoreHeld(deps, signedIn(ALICE), REF)).toEqual({ status: 'already-released' })
})

test('readers restore what a reader has deleted, also with another program, and admins whatever was deleted', async () => {
  const { deps, storage, key, status } = await held()
  const offered = async () => {
    const rows = await heldFor(deps, signedIn(ALICE), REF)
    return (await listedHeld(deps, signedIn(ALICE), rows)).map(({ mayRestore }) => mayRestore)
  }
  await updateRecipient(storage, key, { rs: 'D' })
  expect(await offered()).toEqual([true])
  expect(await restoreHeld(deps, signedIn(ALICE), REF)).toEqual({ status: 'restored' })
  expect(await status()).toBe('')
  await deleteHeld(deps, adminOf(), REF)
  expect(await offered()).toEqual([false])
  await expect(restoreHeld(deps, signedIn(ALICE), REF)).rejects.toMatchObject({ code: 'POLICY_REFUSED' })
  expect(await restoreHeld(deps, adminOf(), REF)).toEqual({ status: 'restored' })
})

test('a deleted message is neither listed by a digest nor released, until it is restored', async () => {
  const { deps, transport } = await held({}, collect)
  await deleteHeld(deps, signedIn(ALICE), REF)
  const settings = await settingsOf(deps.state, [ALICE, BOB], deps.standard)
  await expect(releaseHeld(deps, signedIn(BOB), REF, PLAIN)).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
  expect(await compile(deps, 'run', settings, NOW)).toEqual({ digests: 0, items: 0 })
  expect(transport.requests).toEqual([])
  await restoreHeld(deps, signedIn(ALICE), REF)
  expect(await releaseHeld(deps, signedIn(BOB), REF, PLAIN)).toMatchObject({ status: 'released' })
})

test('who deletes withdraws a queued release of their own, not another reader’s; an admin withdraws any', async () => {
  const { deps, transport, status, rows } = await held()
  transport.answer = () => DEFERRED
  await releaseHeld(deps, signedIn(ALICE), REF, PLAIN)
  expect(await deleteHeld(deps, signedIn(BOB), REF)).toEqual({ status: 'being-released' })
  expect(await status()).toBe('')
  expect(await deleteHeld(deps, signedIn(ALICE), REF)).toEqual({ status: 'deleted' })
  expect(await rows('digest_release')).toMatchObject([
    { state: 'failed', reply: expect.stringContaining('withdrawn') },
  ])
  await restoreHeld(deps, signedIn(BOB), REF)
  await releaseHeld(deps, signedIn(BOB), REF, PLAIN)
  expect(await deleteHeld(deps, adminOf(), REF)).toEqual({ status: 'deleted' })
  transport.answer = () => RELEASED
  await retryDue({ ...deps, clock: () => NOW + HOUR })
  expect(transport.requests).toHaveLength(2)
  expect(await status()).toBe('D')
})

test('a message for which amavisd is asked just before it is deleted is released, and who deletes learns that', async () => {
  const { deps, transport, status, state } = await held()
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<ReleaseAnswer>()
  transport.answer = () => {
    asked.resolve()
    return answer.promise
  }
  let released: Promise<unknown> | undefined
  // It has found no claim, and is about to write the D.
  const beforeMark = async () => {
    released = releaseHeld(deps, signedIn(ALICE), REF, PLAIN)
    await asked.promise
  }
  const insertOrUpdate: Dialect['insertOrUpdate'] = (...insert) =>
    around(state.dialect.insertOrUpdate(...insert), { before: beforeMark })
  const slow = { ...state, dialect: { ...state.dialect, insertOrUpdate } }
  const removed = deleteHeld({ ...deps, state: slow }, signedIn(BOB), REF)
  await expect.poll(status).toBe('D')
  answer.resolve(RELEASED)
  expect(await released).toMatchObject({ status: 'released' })
  expect(await removed).toEqual({ status: 'already-released' })
  expect(await status()).toBe('R')
})

test('amavisd is not asked for a message that is deleted just after the claim on it, and may be once it is restored', async () => {
  const { deps, transport, remove, status, state } = await held({}, collect)
  const insertIfNew: Dialect['insertIfNew'] = async insert => {
    const isNew = await state.dialect.insertIfNew(insert)
    await remove()
    return isNew
  }
  const slow = { ...deps, state: { ...state, dialect: { ...state.dialect, insertIfNew } } }
  expect(await releaseHeld(slow, signedIn(ALICE), REF, PLAIN)).toEqual({
    status: 'failed',
    code: 'MESSAGE_GONE',
  })
  expect(transport.requests).toEqual([])
  expect(await status()).toBe('D')
  await restoreHeld(deps, adminOf(), REF)
  const states = await releaseStates(deps, signedIn(ALICE), REF)
  expect(states.get(REF)).toMatchObject({ is: 'held' })
  expect(await releaseHeld(deps, signedIn(ALICE), REF, PLAIN)).toMatchObject({ status: 'released' })
})

test('nor is it for one that is deleted while its release waits for a free connection', async () => {
  const { deps, transport, remove, status, rows } = await held()
  transport.wait = remove
  expect(await releaseHeld(deps, signedIn(ALICE), REF, PLAIN)).toEqual({
    status: 'failed',
    code: 'MESSAGE_GONE',
  })
  expect(transport.requests).toEqual([])
  expect(await status()).toBe('D')
  expect(await rows('digest_release')).toMatchObject([{ state: 'failed', code: 'MESSAGE_GONE' }])
})

test('a deletion that was begun and never made holds up no release', async () => {
  const { deps, begin, transport } = await held()
  await begin()
  expect(await releaseHeld(deps, signedIn(ALICE), REF, PLAIN)).toMatchObject({ status: 'released' })
  expect(transport.requests).toHaveLength(1)
})

test('releases and deletions of many tabs at once end in one truth', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { deps, transport, status } = await held()
    transport.answer = async () => {
      await new Promise(resolve => setTimeout(resolve, round))
      return RELEASED
    }
    const tabs = Array.from({ length: 12 }, (_, tab) =>
      (tab + round) % 2 === 0
        ? releaseHeld(deps, signedIn(ALICE), REF, PLAIN).catch(error => ({ status: error.code as string }))
        : deleteHeld(deps, signedIn(BOB), REF),
    )
    const told = new Set((await Promise.all(tabs)).map(outcome => outcome.status))
    const isReleased = transport.requests.length > 0
    expect(transport.requests.length).toBeLessThanOrEqual(1)
    expect(await status()).toBe(isReleased ? 'R' : 'D')
    expect(told.has('released')).toBe(isReleased)
    expect(told.has('deleted')).toBe(!isReleased)
  }
})

test('lists show what became of it', async () => {
  const { deps } = await held()
  const listed = async () => {
    const rows = await heldFor(deps, signedIn(ALICE), REF)
    return (await listedHeld(deps, signedIn(ALICE), rows))[0]
  }
  expect(await listed()).toMatchObject({ ref: REF, state: 'held', isRead: false, recipient: SALES })
  await deleteHeld(deps, signedIn(ALICE), REF)
  expect(await listed()).toMatchObject({ state: 'deleted', isRead: true })
  await restoreHeld(deps, signedIn(ALICE), REF)
  await releaseHeld(deps, signedIn(BOB), REF, PLAIN)
  expect(await listed()).toMatchObject({ state: 'released', releasedBy: { reader: BOB } })
})

/** A statement that something happens before. */
function around<Statement extends { execute(): Promise<unknown> }>(
  statement: Statement,
  { before }: { readonly before: () => Promise<void> },
): Statement {
  const execute = async () => {
    await before()
    return statement.execute()
  }
  return { execute } as unknown as Statement
}

/** A message to an address with two readers. */
async function held(
  spec: { readonly rs?: string } = {},
  first: (deps: CollectDeps, now: number) => Promise<unknown> = async () => {},
) {
  const program = await embeddedProgram()
  const { storage } = program
  const [key] = await hold(storage, { recipient: SALES, receivedAt: NOW - HOUR, mailId: 'unwanted', ...spec })
  if (!key) throw new Error('nothing is held')
  const deps = { ...program.deps, directory: directoryWith({ [SALES]: [ALICE, BOB] }) }
  await first(deps, NOW)
  // What who deletes writes, one after the other, before they look at the claim.
  const begin = () => {
    const by = { kind: 'reader', name: BOB } as const
    return rememberDeletion(
      deps.state,
      { heldId: heldIdOf({ ...key, timeNum: (NOW - HOUR) / 1000 }), former: '', by },
      NOW,
    )
  }
  const remove = async () => {
    await begin()
    await updateRecipient(storage, key, { rs: 'D' })
  }
  const status = async () => (await recipientStatus(storage, key)).trim()
  return { ...program, deps, key, begin, remove, status }
}
