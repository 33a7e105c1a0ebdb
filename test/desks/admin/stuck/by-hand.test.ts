import { expect, test } from 'vitest'
import { dropByHand, retryByHand } from '../../../../src/desks/admin/stuck/by-hand.ts'
import { setOwnSettings } from '../../../../src/desks/reader/settings/own-settings.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { FOREVER } from '../../../../src/rules/settings/setting-fields.ts'
import { findItem } from '../../../../src/work/collect/items.ts'
import { leaseDigests } from '../../../../src/work/digest/send/outbox.ts'
import { claimFirst, renewClaim } from '../../../../src/work/release/claims.ts'
import { NOW } from '../../../embedded/clock.ts'
import { editorFor, ROOT } from '../../../embedded/editors.ts'
import { purge } from '../../../embedded/held-mail.ts'
import { refuseAudit } from '../../../embedded/no-audit.ts'
import { ACCEPTED } from '../../../embedded/scripted-mailer.ts'
import { DEFERRED, REFUSED, RELEASED, UNHEARD } from '../../../embedded/scripted-transport.ts'
import { retryDue } from '../../../work/release/retry-due.ts'
import { openReleaseLink } from '../../reader/by-link.ts'
import { type StuckProgram, stuckProgram } from './stuck-program.ts'

const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'] as const

test('retrying a put-off digest makes it due now, and the same digest goes out', async () => {
  const program = await putOff(ALICE, BOB)
  const [id = ''] = await digestIds(program, ALICE)
  program.time.now += 1_000
  expect(await retryByHand(program.byHand, { what: [id, id], by: ROOT })).toEqual([
    { kind: 'digest', id, whose: ALICE, did: 'due', code: null },
  ])
  program.mailer.answer = () => ACCEPTED
  await program.runNow()
  expect(program.mailer.attempts.slice(2).map(mail => mail.to)).toEqual([ALICE])
  expect(await auditOf(program)).toEqual([['retry', ALICE, 'due', `digest ${id}`]])
})

test('a digest named by its id goes out even if its reader has paused; "digests" does not override a pause', async () => {
  const program = await putOff(ALICE, BOB)
  for (const reader of [ALICE, BOB])
    await setOwnSettings(program.deps, reader, { pausedUntil: FOREVER }, null)
  await retryByHand(program.byHand, { what: await digestIds(program, ALICE), by: ROOT })
  await retryByHand(program.byHand, { what: ['digests'], by: ROOT })
  program.mailer.answer = () => ACCEPTED
  await program.runNow()
  expect(program.mailer.attempts.slice(2).map(mail => mail.to)).toEqual([ALICE])
})

test('"all", "digests" and "releases" stand for what waits for another attempt, and for nothing else', async () => {
  const program = await putOff(ALICE, BOB)
  program.transport.answer = ({ recipient }) => (recipient === ALICE ? DEFERRED : UNHEARD)
  for (const item of await itemIds(program)) await program.click(item)
  const did = async (word: string) =>
    (await retryByHand(program.byHand, { what: [word], by: ROOT })).map(({ kind, whose, did }) => [
      kind,
      whose,
      did,
    ])
  expect(await did('releases')).toEqual([['release', ALICE, 'due']])
  expect((await did('all')).sort()).toEqual([
    ['digest', ALICE, 'due'],
    ['digest', BOB, 'due'],
    ['release', ALICE, 'due'],
  ])
  expect(await did('digests')).toEqual([])
  program.transport.answer = () => RELEASED
  expect(await retryDue(program.deps)).toBe(1)
})

test('an unknown id is refused before anything is done', async () => {
  const program = await putOff(ALICE)
  const [id = ''] = await digestIds(program, ALICE)
  const wrong = { what: [id, 'no-such-id'], by: ROOT }
  await expect(retryByHand(program.byHand, wrong)).rejects.toMatchObject({ code: 'NOTHING_WAITS' })
  await expect(dropByHand(program.byHand, wrong)).rejects.toThrow('"no-such-id"')
  expect(await program.rows('digest_digest')).toMatchObject([
    { state: 'pending', next_attempt_at: NOW + 30_000 },
  ])
  expect(await auditOf(program)).toEqual([])
})

test('retrying a failed digest sends a new one with all that waits for its reader, once', async () => {
  const program = await failed(ALICE, BOB)
  const [id = ''] = await digestIds(program, ALICE)
  const retry = async () =>
    (await retryByHand(program.byHand, { what: [id], by: ROOT })).map(({ did }) => did)
  program.mailer.answer = () => ACCEPTED
  expect(await retry()).toEqual(['sent-anew'])
  expect(program.mailer.attempts.slice(2).map(mail => mail.to)).toEqual([ALICE])
  expect(await retry()).toEqual(['nothing-waits'])
  expect(program.mailer.attempts).toHaveLength(3)
})

test('a new digest that could not be sent either is reported as made', async () => {
  const program = await failed(ALICE)
  program.mailer.answer = () => ({ outcome: 'deferred', reply: '452' })
  const what = await digestIds(program, ALICE)
  expect(await retryByHand(program.byHand, { what, by: ROOT })).toMatchObject([{ did: 'made-anew' }])
})

test('a dropped digest is never sent, and its messages are in no other digest', async () => {
  const program = await putOff(ALICE, BOB)
  const what = await digestIds(program, ALICE)
  expect(await dropByHand(program.byHand, { what, by: ROOT })).toMatchObject([
    { did: 'dropped', whose: ALICE },
  ])
  expect(await retryByHand(program.byHand, { what, by: ROOT })).toMatchObject([{ did: 'over' }])
  program.mailer.answer = () => ACCEPTED
  program.time.now += DAY / 2
  await program.runNow()
  expect(program.mailer.attempts.slice(2).map(mail => mail.to)).toEqual([BOB])
  const dropped = (await program.rows('digest_digest')).find(row => row.state === 'dropped')
  expect(dropped).toMatchObject({ reader: ALICE, finished_at: NOW, lease_until: null })
})

test('a digest is neither retried nor dropped while a living process holds its lease', async () => {
  const program = await putOff(ALICE)
  const [id = ''] = await digestIds(program, ALICE)
  program.time.now += 30_000
  const lease = { owner: 'other', until: program.time.now + 30_000 }
  await leaseDigests(program.state, lease, {
    now: program.time.now,
    dueAt: program.time.now,
    readers: undefined,
    limit: 1,
  })
  expect(await retryByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([{ did: 'in-hand' }])
  expect(await dropByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([{ did: 'in-hand' }])
  expect(await program.rows('digest_digest')).toMatchObject([{ state: 'pending', lease_owner: 'other' }])
  program.time.now += 30_000
  expect(await dropByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([{ did: 'dropped' }])
})

test('retrying a queued release makes it due now', async () => {
  const { program, id } = await asked(DEFERRED)
  expect(await retryByHand(program.byHand, { what: [id], by: ROOT })).toEqual([
    { kind: 'release', id, whose: ALICE, did: 'due', code: null },
  ])
  program.transport.answer = () => RELEASED
  expect(await retryDue(program.deps)).toBe(1)
  expect(await retryByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([{ did: 'over' }])
  expect(program.transport.requests).toHaveLength(2)
})

test.each([
  ['failed', REFUSED, RELEASED, { did: 'released', code: null }],
  ['uncertain', UNHEARD, RELEASED, { did: 'released-again', code: null }],
  ['failed', REFUSED, DEFERRED, { did: 'queued', code: 'AMAVISD_DEFERRED' }],
  ['failed', REFUSED, REFUSED, { did: 'failed', code: 'AMAVISD_REFUSED' }],
  ['uncertain', UNHEARD, UNHEARD, { did: 'failed', code: 'RELEASE_UNCERTAIN' }],
] as const)(
  'a release that is %s (%j) is asked for again in the name of its first requester: %j',
  async (_, first, second, result) => {
    const { program, id } = await asked(first)
    program.transport.answer = () => second
    expect(await retryByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([result])
    expect(program.transport.requests.map(request => request.requestedBy)).toEqual([ALICE, ALICE])
  },
)

test('retrying the release of a message that has left the quarantine fails as MESSAGE_GONE', async () => {
  const { program, id } = await asked(REFUSED)
  const [item] = await program.rows('digest_item')
  if (!item) throw new Error('no item')
  await purge(program.storage, {
    partitionTag: item.partition_tag,
    mailId: item.mail_id,
    rseqnum: item.rseqnum,
  })
  expect(await retryByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([
    { did: 'failed', code: 'MESSAGE_GONE' },
  ])
})

test('the program does not retry a dropped release, but its reader may release it with the button', async () => {
  const { program, id } = await asked(DEFERRED)
  expect(await dropByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([{ did: 'dropped' }])
  expect(await program.rows('digest_release')).toMatchObject([
    {
      state: 'failed',
      code: 'POLICY_REFUSED',
      reply: 'dropped by an admin',
      finished_at: NOW,
      next_attempt_at: null,
    },
  ])
  program.time.now += DAY / 2
  expect(await retryDue(program.deps)).toBe(0)
  expect((await auditOf(program)).at(-1)).toEqual(['drop', ALICE, 'dropped', null])
  expect(await stateOfLink(program, id)).toEqual({
    is: 'waiting',
    offer: 'release',
    mayReleaseItself: false,
  })
  program.transport.answer = () => RELEASED
  await program.click(id)
  expect(await program.rows('digest_release')).toMatchObject([{ state: 'released' }])
})

test('a release in progress is left alone; one left by a dead process may have produced a copy', async () => {
  const program = await stuckProgram()
  const [id = ''] = await program.held(ALICE)
  const other = {
    heldId: id,
    itemId: id,
    claimId: 'other',
    requestedBy: ALICE,
    askedBy: ALICE,
    leaseUntil: NOW + HOUR,
    now: NOW,
  }
  const claim = await claimFirst(program.state, other)
  if (claim) await renewClaim(program.state, claim, NOW + HOUR)
  expect(await retryByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([{ did: 'in-hand' }])
  expect(await dropByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([{ did: 'in-hand' }])
  expect(program.transport.requests).toEqual([])
  program.time.now += HOUR
  expect(await retryByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([
    { did: 'released-again' },
  ])
})

test('nothing is retried or dropped without its audit line', async () => {
  const program = await putOff(ALICE)
  program.transport.answer = () => DEFERRED
  const [item = ''] = await itemIds(program)
  await program.click(item)
  const tables = async () => [await program.rows('digest_digest'), await program.rows('digest_release')]
  const before = await tables()
  const [digest = ''] = await digestIds(program, ALICE)
  program.time.now += 1_000
  await refuseAudit(program.state)
  for (const what of [[digest], [item]]) {
    await expect(retryByHand(program.byHand, { what, by: ROOT })).rejects.toThrow()
    await expect(dropByHand(program.byHand, { what, by: ROOT })).rejects.toThrow()
  }
  expect(await tables()).toEqual(before)
})

test('a release that has ended cannot be dropped', async () => {
  const { program, id } = await asked(UNHEARD)
  expect(await dropByHand(program.byHand, { what: [id], by: ROOT })).toMatchObject([{ did: 'over' }])
  expect(await program.rows('digest_release')).toMatchObject([{ state: 'uncertain' }])
})

/** Puts off a digest for each reader. */
async function putOff(...readers: readonly string[]): Promise<StuckProgram> {
  const program = await stuckProgram()
  program.mailer.answer = () => ({ outcome: 'deferred', reply: '452 4.2.2 Mailbox full' })
  await program.held(...readers)
  await program.runNow()
  return program
}

/** Has a digest refused for each reader. */
async function failed(...readers: readonly string[]): Promise<StuckProgram> {
  const program = await stuckProgram()
  program.mailer.answer = () => ({ outcome: 'refused', reply: '550 5.7.1 No' })
  await program.held(...readers)
  await program.runNow()
  return program
}

/** Has Alice ask for a release, which amavisd answers as given. */
async function asked(
  answer: typeof DEFERRED,
): Promise<{ readonly program: StuckProgram; readonly id: string }> {
  const program = await stuckProgram()
  const [id = ''] = await program.held(ALICE)
  program.transport.answer = () => answer
  await program.click(id)
  return { program, id }
}

const digestIds = async ({ rows }: StuckProgram, reader: string) =>
  (await rows('digest_digest')).filter(row => row.reader === reader).map(row => row.digest_id)

const itemIds = async ({ rows }: StuckProgram) => (await rows('digest_item')).map(row => row.item_id)

/** The audit lines of what admins did, in order. */
const auditOf = async ({ rows }: StuckProgram) =>
  (await rows('digest_audit'))
    .filter(row => row.actor_kind === 'admin')
    .map(row => [row.action, row.recipient, row.outcome, row.detail])

/** The state that the page behind the reader's link shows. */
async function stateOfLink({ deps, state, time }: StuckProgram, itemId: string) {
  const item = await findItem(state, itemId)
  if (!item) throw new Error('no item')
  const { url } = deps.urls.release(item, NOW, time.now)
  return (await openReleaseLink(deps, url.split('/').at(-1) ?? '')).state
}

test('an admin of some domains retries and drops what is in these domains, and nothing else', async () => {
  const program = await putOff(ALICE)
  const [id = ''] = await digestIds(program, ALICE)
  const others = editorFor(['example.org'])
  const refusalOf = async (what: string): Promise<{ code: string; message: string }> =>
    retryByHand(program.byHand, { what: [what], by: others }).then(
      () => expect.unreachable('it was done'),
      error => error,
    )
  const [foreign, unknown] = [await refusalOf(id), await refusalOf('x')]
  expect(foreign.code).toBe('NOTHING_WAITS')
  expect(foreign.message.replace(id, 'x')).toBe(unknown.message)
  expect(await dropByHand(program.byHand, { what: ['all'], by: others })).toEqual([])
  expect(await retryByHand(program.byHand, { what: ['all'], by: editorFor(['example.com']) })).toMatchObject([
    { id, did: 'due' },
  ])
})

test('the release of a message with several readers is named by the item of each, and audited by that of who asked', async () => {
  const { program, id } = await asked(DEFERRED)
  const [item] = await program.rows('digest_item')
  if (!item) throw new Error('no item')
  const ofBob = { ...item, item_id: 'of-bob', reader: 'bob@example.org', held_id: id }
  await program.state.sql.insertInto('digest_item').values(ofBob).execute()
  await program.state.sql.updateTable('digest_release').set({ asked_item: 'of-bob' }).execute()
  for (const domain of ['example.com', 'example.org']) {
    for (const what of [id, 'of-bob', 'releases']) {
      const done = await retryByHand(program.byHand, { what: [what], by: editorFor([domain]) })
      expect(done).toMatchObject([{ kind: 'release', id, did: 'due' }])
    }
  }
  await expect(
    retryByHand(program.byHand, { what: [id], by: editorFor(['example.net']) }),
  ).rejects.toMatchObject({ code: 'NOTHING_WAITS' })
  const audit = (await program.rows('digest_audit')).filter(({ action }) => action === 'retry')
  expect(new Set(audit.map(row => `${row.item_id} ${row.reader}`))).toEqual(
    new Set(['of-bob bob@example.org']),
  )
})

test('when a kind is given, the words for many are refused', async () => {
  const program = await putOff(ALICE)
  for (const kind of ['digest', 'release'] as const) {
    for (const word of ['all', 'digests', 'releases']) {
      await expect(dropByHand(program.byHand, { kind, what: [word], by: ROOT })).rejects.toMatchObject({
        code: 'NOTHING_WAITS',
      })
    }
  }
  expect(await program.rows('digest_digest')).toMatchObject([{ state: 'pending' }])
})

test('with again: false, a release that may have produced a copy is not retried', async () => {
  const { program, id } = await asked(UNHEARD)
  program.transport.answer = () => RELEASED
  expect(await retryByHand(program.byHand, { what: [id], by: ROOT, again: false })).toMatchObject([
    { did: 'failed', code: 'RELEASE_UNCERTAIN' },
  ])
  expect(program.transport.requests).toHaveLength(1)
  expect(await retryByHand(program.byHand, { what: [id], by: ROOT, again: true })).toMatchObject([
    { did: 'released-again' },
  ])
})

test('with again: false, a release left by a dead process is uncertain, and is not retried', async () => {
  const program = await stuckProgram()
  const [id = ''] = await program.held(ALICE)
  const claim = await claimFirst(program.state, {
    heldId: id,
    itemId: id,
    claimId: 'other',
    requestedBy: ALICE,
    askedBy: ALICE,
    leaseUntil: NOW + HOUR,
    now: NOW,
  })
  if (claim) await renewClaim(program.state, claim, NOW + HOUR)
  program.time.now += HOUR
  expect(await retryByHand(program.byHand, { what: [id], by: ROOT, again: false })).toMatchObject([
    { did: 'failed', code: 'RELEASE_UNCERTAIN' },
  ])
  expect(program.transport.requests).toEqual([])
})
