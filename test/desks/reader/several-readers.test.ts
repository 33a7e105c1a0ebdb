import { expect, test } from 'vitest'
import { type MessageReads, messageReads } from '../../../src/desks/reader/message-reads.ts'
import { openMessage } from '../../../src/desks/reader/open-message.ts'
import { releaseForReader } from '../../../src/desks/reader/release-for-reader.ts'
import { releaseTogether } from '../../../src/desks/reader/release-together.ts'
import { openWholeDigest } from '../../../src/desks/reader/whole-digest.ts'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import { asReader } from '../../../src/rules/reach/visitor.ts'
import { findItem } from '../../../src/work/collect/items.ts'
import { listAgain } from '../../../src/work/digest/make/list-again.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { listedBefore } from '../../../src/work/digest/show/listed-before.ts'
import { NOW } from '../../embedded/clock.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { hold, updateRecipient } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { DEFERRED, REFUSED, RELEASED } from '../../embedded/scripted-transport.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const PRESSED = { confirmed: false, again: false, pressed: true, remoteAddress: null }

test('each reader is told of a message, and sees on each page who of them has released it, and when', async () => {
  const { deps, digestOf, itemOf, release, transport } = await listedToBoth()
  await release(BOB)
  const by = { reader: BOB, at: NOW }
  const opened = await openMessage(deps, asReader(ALICE), await itemOf(ALICE))
  expect(opened.state).toEqual({ is: 'released', by })
  const digest = await digestOf(ALICE)
  const whole = await openWholeDigest(deps, asReader(ALICE), digest, { page: 1, find: '' })
  expect(whole.entries).toMatchObject([{ mail: { state: 'released' }, offer: 'none', releasedBy: by }])
  const itemIds = whole.entries.map(({ itemId }) => itemId)
  const together = await releaseTogether(deps, asReader(ALICE), digest, { ...PRESSED, itemIds })
  expect(together.results).toMatchObject([{ status: 'already-released', releasedBy: by }])
  expect((await openMessage(deps, asReader(BOB), await itemOf(BOB))).state).toEqual({ is: 'released' })
  expect(transport.requests).toHaveLength(1)
})

test('what one reader has queued, the other sees queued; what failed for one, the other may try again', async () => {
  const { deps, itemOf, release, time, transport } = await listedToBoth()
  const seenByAlice = async () => (await openMessage(deps, asReader(ALICE), await itemOf(ALICE))).state
  transport.answer = () => DEFERRED
  await release(BOB)
  expect(await seenByAlice()).toEqual({ is: 'queued' })
  await deps.state.sql
    .updateTable('digest_release')
    .set({ state: 'failed', code: 'AMAVISD_REFUSED' })
    .execute()
  transport.answer = () => REFUSED
  time.now += 1000
  await release(BOB)
  expect(await seenByAlice()).toEqual({ is: 'failed', code: 'AMAVISD_REFUSED', mayRetry: true })
  transport.answer = () => RELEASED
  expect((await release(ALICE)).outcome).toMatchObject({ status: 'released' })
})

test('who opens a message while another reader releases it sees who did, if it is released already', async () => {
  const { deps, itemOf, release } = await listedToBoth()
  const reads = messageReads(deps)
  let hasReleased = false
  const slow: MessageReads = {
    ...reads,
    // Bob's whole release comes after the answer of the one read, and before that of the other.
    async release(heldId) {
      const row = await reads.release(heldId)
      if (!hasReleased) await release(BOB)
      hasReleased = true
      return row
    },
    async mail(item) {
      await expect.poll(() => hasReleased).toBe(true)
      return reads.mail(item)
    },
  }
  const opened = await openMessage(deps, asReader(ALICE), await itemOf(ALICE), slow)
  expect(opened.state).toEqual({ is: 'released', by: { reader: BOB, at: NOW } })
})

test('a message that another program has released names nobody', async () => {
  const { deps, itemOf, key, storage } = await listedToBoth()
  await updateRecipient(storage, key, { rs: 'R' })
  const opened = await openMessage(deps, asReader(ALICE), await itemOf(ALICE))
  expect(opened.state).toEqual({ is: 'released' })
})

test('what one reader has released no digest lists to another one, neither for the first time nor again', async () => {
  const { deps, release, rows, state, storage, time } = await listedToBoth()
  await release(BOB)
  expect(await listedBefore(state, [ALICE, BOB], 0, 10)).toEqual([])
  time.now += 15 * DAY
  for (const reader of [ALICE, BOB]) await listAgain(deps, reader, time.now)
  expect((await rows('digest_item')).filter(item => item.digest_id === null)).toEqual([])

  await hold(storage, { recipient: 'sales@example.com', receivedAt: time.now - HOUR })
  const everything = { schedule: undefined, readers: undefined, dueAt: time.now }
  await run(deps, { ...everything, readers: [BOB] })
  await release(BOB, 1)
  await run(deps, everything)
  const digests = (await rows('digest_digest')).map(({ reader }) => reader).sort()
  expect(digests).toEqual([ALICE, BOB, BOB])
})

/** A message to an address that forwards to Alice and Bob, and the digest of each. */
async function listedToBoth() {
  const program = await embeddedProgram()
  const deps = { ...program.deps, directory: directoryWith({ 'sales@example.com': [ALICE, BOB] }) }
  const [key] = await hold(program.storage, { recipient: 'sales@example.com', receivedAt: NOW - HOUR })
  if (!key) throw new Error('nothing is held')
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  await program.state.sql.updateTable('digest_digest').set({ state: 'sent' }).execute()
  const itemOf = async (reader: string, index = 0) => {
    const rows = (await program.rows('digest_item')).filter(item => item.reader === reader)
    const byTime = rows.sort((a, b) => Number(a.mail_at) - Number(b.mail_at))
    const item = await findItem(program.state, byTime[index]?.item_id ?? '')
    if (!item) throw new Error(`${reader} has no such message`)
    return item
  }
  const digestOf = async (reader: string) => {
    const row = (await program.rows('digest_digest')).find(digest => digest.reader === reader)
    if (!row) throw new Error(`${reader} has no digest`)
    const { digest_id: digestId, language, time_zone: timeZone } = row
    return { digestId, reader, language, timeZone, createdAt: Number(row.created_at) }
  }
  const release = async (reader: string, index = 0) =>
    releaseForReader(deps, asReader(reader), await itemOf(reader, index), PRESSED)
  return { ...program, deps, key, itemOf, digestOf, release }
}
