import { pino } from 'pino'
import { expect, test } from 'vitest'
import { releaseByAdmin } from '../../../src/desks/admin/releases/release-by-admin.ts'
import type { ReleaseAnswer } from '../../../src/ground/amavisd/transport.ts'
import type { Dialect } from '../../../src/ground/database/database.ts'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import type { ReleasePolicy } from '../../../src/rules/policy/policy.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { claimFirst, findRelease, renewClaim, setMarkDueAt } from '../../../src/work/release/claims.ts'
import { markMissedInAmavis } from '../../../src/work/release/mark-in-amavis.ts'
import type { ReleaseDeps } from '../../../src/work/release/release-message.ts'
import { endOrphans, retryRelease } from '../../../src/work/release/retry-releases.ts'
import { NOW } from '../../embedded/clock.ts'
import { editorFor, ROOT } from '../../embedded/editors.ts'
import { type HeldMailSpec, hold, purge, recipientStatus, updateRecipient } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { type ReleaseItemRequest, releaseItem } from '../../embedded/release-item.ts'
import { DEFERRED, REFUSED, RELEASED, UNHEARD } from '../../embedded/scripted-transport.ts'
import { policiesWith } from '../../standard-policies.ts'
import { retryDue } from './retry-due.ts'

const ALICE = 'alice@example.com'

test('amavisd gets the one recipient as it stores it, the reader who asked, and the secret', async () => {
  const { transport, release, key, storage, other } = await heldFor('Alice@Example.com')
  expect(await release()).toEqual({ status: 'released', code: null })
  const { secret_id: secretId } = await storage.sql
    .selectFrom('msgs')
    .select('secret_id')
    .where('mail_id', '=', key.mailId)
    .executeTakeFirstOrThrow()
  expect(transport.requests).toEqual([
    {
      mailId: key.mailId,
      secretId,
      partitionTag: 0,
      host: 'mx.example.com',
      quarantineType: 'Q',
      quarantineLocation: key.mailId,
      recipient: 'Alice@Example.com',
      requestedBy: ALICE,
    },
  ])
  expect(await recipientStatus(storage, key)).toBe('R')
  expect(await recipientStatus(storage, other)).toBe(' ')
})

test('20 simultaneous requests give one copy, and all report it', async () => {
  const { transport, release, rows } = await heldFor(ALICE)
  const answered = Promise.withResolvers<ReleaseAnswer>()
  transport.answer = () => answered.promise
  const requests = Array.from({ length: 20 }, () => release())
  await expect.poll(() => transport.requests.length).toBe(1)
  answered.resolve(RELEASED)
  const outcomes = (await Promise.all(requests)).map(outcome => outcome.status)
  expect(outcomes.filter(status => status === 'released')).toHaveLength(1)
  expect(outcomes.filter(status => status === 'already-released')).toHaveLength(19)
  expect(transport.requests).toHaveLength(1)
  expect(await rows('digest_audit')).toHaveLength(20)
})

test.each<[string, ReleaseAnswer, string]>([
  ['refuses', REFUSED, 'AMAVISD_REFUSED'],
  ['is not heard', UNHEARD, 'RELEASE_UNCERTAIN'],
])(
  '20 requests at once or a moment later, while amavisd %s: it is asked once, and all report the same outcome',
  async (_, answer, code) => {
    const { deps, request, transport, release } = await heldFor(ALICE)
    const answered = Promise.withResolvers<ReleaseAnswer>()
    transport.answer = () => answered.promise
    const requests = Array.from({ length: 10 }, () => release())
    await expect.poll(() => transport.requests.length).toBe(1)
    const { late, haveSeenIt } = comeLate(10, deps, request)
    requests.push(...late)
    await haveSeenIt
    answered.resolve(answer)
    const outcomes = await Promise.all(requests)
    expect(outcomes).toEqual(requests.map(() => ({ status: 'failed', code })))
    expect(transport.requests).toHaveLength(1)
  },
)

test.each<[ReleaseAnswer, object, object]>([
  [RELEASED, { status: 'released', code: null }, { status: 'already-released', code: null }],
  [REFUSED, { status: 'failed', code: 'AMAVISD_REFUSED' }, { status: 'failed', code: 'AMAVISD_REFUSED' }],
  [DEFERRED, { status: 'queued', code: 'AMAVISD_DEFERRED' }, { status: 'queued', code: 'AMAVISD_DEFERRED' }],
  [UNHEARD, { status: 'failed', code: 'RELEASE_UNCERTAIN' }, { status: 'failed', code: 'RELEASE_UNCERTAIN' }],
])(
  'of many requests for another copy at once, one asks amavisd and gets %j; the others report it',
  async (answer, won, lost) => {
    const { deps, request, transport, release } = await heldFor(ALICE)
    transport.answer = () => UNHEARD
    await release()
    const answered = Promise.withResolvers<ReleaseAnswer>()
    transport.answer = () => answered.promise
    const again = () => releaseItem(deps, { ...request, again: true })
    const requests = Array.from({ length: 5 }, again)
    await expect.poll(() => transport.requests.length).toBe(2)
    const { late, haveSeenIt } = comeLate(5, deps, { ...request, again: true })
    requests.push(...late)
    await haveSeenIt
    answered.resolve(answer)
    const outcomes = await Promise.all(requests)
    expect(outcomes).toContainEqual(won)
    const others = outcomes.toSpliced(
      outcomes.findIndex(outcome => outcome.status === Object.entries(won)[0]?.[1]),
      1,
    )
    expect(others).toEqual(others.map(() => lost))
    expect(transport.requests).toHaveLength(2)
  },
)

test('the wait for a free connection does not count against the lease', async () => {
  const { deps, rows, time, transport, release } = await heldFor(ALICE)
  transport.wait = async () => {
    time.now += deps.claimLease / 2
  }
  transport.answer = async () => {
    expect(await rows('digest_release')).toMatchObject([{ lease_until: time.now + deps.claimLease }])
    return RELEASED
  }
  expect(await release()).toEqual({ status: 'released', code: null })
})

test('a process that loses its claim while waiting for a connection reports the other’s outcome, and logs no asking', async () => {
  const { deps, request, rows, time, transport } = await heldFor(ALICE)
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: line => void lines.push(line) })
  const free = Promise.withResolvers<void>()
  const waits = [free.promise]
  transport.wait = async () => waits.shift()
  const slow = releaseItem({ ...deps, log }, request)
  await expect.poll(() => waits.length).toBe(0)
  time.now += deps.claimLease
  const queued = { status: 'queued', code: 'AMAVISD_DEFERRED' }
  expect(await releaseItem(deps, { ...request, again: true })).toEqual(queued)
  await retryDue(deps)
  free.resolve()
  expect(await slow).toEqual({ status: 'already-released', code: null })
  expect(transport.requests).toHaveLength(1)
  expect(await rows('digest_release')).toMatchObject([{ state: 'released', reply: RELEASED.reply }])
  expect(lines).toEqual([])
})

test('a second request days later gives no second copy', async () => {
  const { time, transport, release } = await heldFor(ALICE)
  await release()
  time.now += 5 * DAY
  expect(await release()).toEqual({ status: 'already-released', code: null })
  expect(transport.requests).toHaveLength(1)
})

test('a message that another tool has released is not released again', async () => {
  const { transport, release, key, storage } = await heldFor(ALICE)
  await updateRecipient(storage, key, { rs: 'R' })
  expect(await release()).toEqual({ status: 'already-released', code: null })
  expect(transport.requests).toEqual([])
})

test.each<[string, Partial<Parameters<typeof updateRecipient>[2]> | 'purged']>([
  ['purged', 'purged'],
  ['marked for deletion', { rs: 'D' }],
  ['delivered', { ds: 'P' }],
])('a message that was %s since is gone', async (_, change) => {
  const { transport, release, key, storage } = await heldFor(ALICE)
  if (change === 'purged') await purge(storage, key)
  else await updateRecipient(storage, key, change)
  await expect(release()).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
  expect(transport.requests).toEqual([])
})

test.each<[ReleasePolicy, boolean, string]>([
  ['release', false, 'released'],
  ['release', true, 'released'],
  ['confirm', false, 'CONFIRMATION_REQUIRED'],
  ['confirm', true, 'released'],
  ['never', false, 'POLICY_REFUSED'],
  ['never', true, 'POLICY_REFUSED'],
  ['request', true, 'POLICY_REFUSED'],
])('a policy of %s, confirmed: %s: %s', async (policy, confirmed, outcome) => {
  const { deps, request, rows, transport } = await heldFor(ALICE, { content: 'B' })
  const policies = policiesWith({ banned: policy })
  const made = await releaseItem({ ...deps, policies }, { ...request, confirmed }).then(
    result => result.status,
    error => error.code,
  )
  expect(made).toBe(outcome)
  expect(transport.requests).toHaveLength(outcome === 'released' ? 1 : 0)
  expect(await rows('digest_audit')).toMatchObject([{ outcome }])
})

test('after a 4xx it asks again in 5 seconds, then after twice as long each time, until it succeeds', async () => {
  const { deps, rows, time, transport, release, key, storage } = await heldFor(ALICE)
  transport.answer = () => DEFERRED
  expect(await release()).toEqual({ status: 'queued', code: 'AMAVISD_DEFERRED' })
  expect(await release()).toEqual({ status: 'queued', code: 'AMAVISD_DEFERRED' })
  expect(transport.requests).toHaveLength(1)
  const waits = []
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const [row] = await rows('digest_release')
    expect(row).toMatchObject({ state: 'queued', attempts: attempt, reply: DEFERRED.reply })
    waits.push((Number(row?.next_attempt_at) - time.now) / 1000)
    time.now = Number(row?.next_attempt_at) - 1
    expect(await retryDue(deps)).toBe(0)
    time.now += 1
    if (attempt === 10) transport.answer = () => RELEASED
    expect(await retryDue(deps)).toBe(1)
  }
  expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900, 900])
  expect(await rows('digest_release')).toMatchObject([{ state: 'released', attempts: 11, code: null }])
  expect(await recipientStatus(storage, key)).toBe('R')
  expect(await release()).toEqual({ status: 'already-released', code: null })
})

test('an amavisd that is away is asked again; after a day the release has failed', async () => {
  const { deps, rows, time, transport, release } = await heldFor(ALICE)
  transport.answer = () => ({ outcome: 'unreachable', reply: 'ECONNREFUSED', asked: false })
  expect(await release()).toEqual({ status: 'queued', code: 'AMAVISD_UNREACHABLE' })
  time.now = NOW + DAY - 1
  await retryDue(deps)
  expect(await rows('digest_release')).toMatchObject([{ state: 'queued' }])
  time.now = NOW + DAY + HOUR
  await retryDue(deps)
  expect(await rows('digest_release')).toMatchObject([
    { state: 'failed', code: 'AMAVISD_UNREACHABLE', finished_at: time.now },
  ])
  expect(await retryDue(deps)).toBe(0)
})

test('while amavisd is away it is asked at least once a minute, so that its return is noticed', async () => {
  const { deps, rows, time, transport, release } = await heldFor(ALICE)
  transport.answer = () => ({ outcome: 'unreachable', reply: 'ECONNREFUSED', asked: false })
  await release()
  const waits = []
  for (let attempt = 1; attempt <= 7; attempt += 1) {
    const [row] = await rows('digest_release')
    waits.push((Number(row?.next_attempt_at) - time.now) / 1000)
    time.now = Number(row?.next_attempt_at)
    await retryDue(deps)
  }
  expect(waits).toEqual([5, 10, 20, 40, 60, 60, 60])
  expect((await rows('digest_audit')).map(row => row.actor)).toEqual([ALICE])
})

test('a release that waits for amavisd holds up no other one', async () => {
  const { deps, request, rows, time, transport, release, otherItemId } = await heldFor(ALICE)
  transport.answer = () => DEFERRED
  await release()
  await releaseItem(deps, { ...request, itemId: otherItemId })
  time.now += 5000
  const slow = Promise.withResolvers<ReleaseAnswer>()
  transport.answer = ({ recipient }) => (recipient === ALICE ? slow.promise : RELEASED)
  const retried = retryDue(deps)
  const states = async () => (await rows('digest_release')).map(row => row.state).sort()
  await expect.poll(states).toEqual(['released', 'releasing'])
  slow.resolve(RELEASED)
  expect(await retried).toBe(2)
  expect(await states()).toEqual(['released', 'released'])
})

test('a release is retried when it is due: not before, not twice, and not if nobody ever asked for it', async () => {
  const { deps, request, time, transport, release } = await heldFor(ALICE)
  expect(await retryRelease(deps, request.itemId)).toBe(false)
  transport.answer = () => DEFERRED
  await release()
  expect(await retryRelease(deps, request.itemId)).toBe(false)
  time.now += 5000
  transport.answer = () => RELEASED
  const asked = await Promise.all([1, 2, 3].map(() => retryRelease(deps, request.itemId)))
  expect(asked.filter(Boolean)).toHaveLength(1)
  expect(await retryRelease(deps, request.itemId)).toBe(false)
  expect(transport.requests).toHaveLength(2)
})

test('asking again after a failure starts a full day of attempts, the first after 5 seconds', async () => {
  const { deps, rows, time, transport, request } = await heldFor(ALICE)
  transport.answer = () => REFUSED
  expect(await releaseItem(deps, request)).toEqual({ status: 'failed', code: 'AMAVISD_REFUSED' })
  time.now = NOW + 3 * DAY
  transport.answer = () => DEFERRED
  const again = { ...request, requestedBy: 'postmaster@example.com' }
  expect(await releaseItem(deps, again)).toEqual({ status: 'queued', code: 'AMAVISD_DEFERRED' })
  expect(await rows('digest_release')).toMatchObject([
    {
      requested_by: 'postmaster@example.com',
      requested_at: time.now,
      attempts: 1,
      next_attempt_at: time.now + 5000,
    },
  ])
})

test('processes that retry at the same time ask amavisd once', async () => {
  const { deps, time, transport, release } = await heldFor(ALICE)
  transport.answer = () => DEFERRED
  await release()
  time.now += 5000
  transport.answer = () => RELEASED
  const asked = await Promise.all([retryDue(deps), retryDue(deps), retryDue(deps)])
  expect(asked.reduce((sum, count) => sum + count)).toBe(1)
  expect(transport.requests).toHaveLength(2)
})

test.each<[ReleaseAnswer, string]>([
  [REFUSED, 'AMAVISD_REFUSED'],
  [{ outcome: 'gone', reply: "450 4.5.0 Failure: Can't open sql obj" }, 'MESSAGE_GONE'],
])('amavisd answers %j: %s, and msgrcpt.rs stays', async (answer, code) => {
  const { transport, release, key, storage, rows } = await heldFor(ALICE)
  transport.answer = () => answer
  expect(await release()).toEqual({ status: 'failed', code })
  expect(await recipientStatus(storage, key)).toBe(' ')
  expect(await rows('digest_audit')).toMatchObject([{ outcome: code, detail: answer.reply }])
})

test('a lost answer is never reported as released, and amavisd is asked again only on request', async () => {
  const { deps, request, rows, time, transport, release } = await heldFor(ALICE)
  transport.answer = () => UNHEARD
  const uncertain = { status: 'failed', code: 'RELEASE_UNCERTAIN' }
  expect(await release()).toEqual(uncertain)
  expect(await rows('digest_release')).toMatchObject([{ state: 'uncertain' }])
  time.now += HOUR
  expect(await retryDue(deps)).toBe(0)
  expect(await release()).toEqual(uncertain)
  expect(transport.requests).toHaveLength(1)
  transport.answer = () => RELEASED
  expect(await releaseItem(deps, { ...request, again: true })).toEqual({ status: 'released', code: null })
})

test('the claim of a process that died while asking becomes uncertain', async () => {
  const { deps, request, rows, state, time, transport, release } = await heldFor(ALICE)
  const { itemId } = request
  await claimAndAsk(state, itemId, NOW + deps.claimLease)
  time.now = NOW + deps.claimLease
  expect(await release()).toEqual({ status: 'failed', code: 'RELEASE_UNCERTAIN' })
  expect(await rows('digest_release')).toMatchObject([{ state: 'uncertain', code: 'RELEASE_UNCERTAIN' }])
  expect(transport.requests).toEqual([])
  expect(await releaseItem(deps, { ...request, again: true })).toEqual({ status: 'released', code: null })
})

test('if a process died before it asked, another one asks amavisd', async () => {
  const { deps, request, rows, state, time, transport } = await heldFor(ALICE)
  const leaseUntil = NOW + deps.claimLease
  await claimFirst(state, {
    heldId: request.itemId,
    itemId: request.itemId,
    claimId: 'dead',
    requestedBy: ALICE,
    askedBy: ALICE,
    leaseUntil,
    now: NOW,
  })
  time.now = leaseUntil
  await retryDue(deps)
  expect(await rows('digest_release')).toMatchObject([{ state: 'released' }])
  expect(transport.requests).toHaveLength(1)
})

test('an answer that comes after the claim was given up is still recorded', async () => {
  const { deps, rows, time, transport, release } = await heldFor(ALICE)
  transport.answer = async () => {
    time.now += deps.claimLease
    await endOrphans(deps)
    expect(await rows('digest_release')).toMatchObject([{ state: 'uncertain' }])
    return RELEASED
  }
  expect(await release()).toEqual({ status: 'released', code: null })
  expect(await rows('digest_release')).toMatchObject([{ state: 'released', reply: RELEASED.reply }])
})

test('the next sweep sets msgrcpt.rs if the process died before it could', async () => {
  const { deps, marksMade, state, storage, key, request, time, release } = await heldFor(ALICE)
  await release()
  await marksMade[Symbol.asyncDispose]()
  await updateRecipient(storage, key, { rs: ' ' })
  await setMarkDueAt(state, request.itemId, time.now + 1)
  await markMissedInAmavis(deps)
  expect(await recipientStatus(storage, key)).toBe(' ')
  time.now += 1
  await markMissedInAmavis(deps)
  expect(await recipientStatus(storage, key)).toBe('R')
  await marksMade[Symbol.asyncDispose]()
  expect(await findRelease(state, request.itemId)).toMatchObject({ nextAttemptAt: null })
})

test('the claim of a dead process is ended once, with an audit row', async () => {
  const { deps, request, rows, state, time, transport } = await heldFor(ALICE)
  await claimAndAsk(state, request.itemId, NOW + deps.claimLease)
  time.now = NOW + deps.claimLease - 1
  await retryDue(deps)
  expect(await rows('digest_release')).toMatchObject([{ state: 'releasing' }])
  time.now += 1
  await Promise.all([retryDue(deps), retryDue(deps)])
  await retryDue(deps)
  expect(await rows('digest_release')).toMatchObject([
    { state: 'uncertain', code: 'RELEASE_UNCERTAIN', finished_at: time.now },
  ])
  expect(await rows('digest_audit')).toMatchObject([
    { actor_kind: 'program', item_id: request.itemId, recipient: ALICE, outcome: 'RELEASE_UNCERTAIN' },
  ])
  expect(transport.requests).toEqual([])
})

test('a queued release whose item is no longer kept fails, and holds up no other', async () => {
  const { deps, request, rows, state, time, transport, release, otherItemId } = await heldFor(ALICE)
  transport.answer = () => DEFERRED
  await release()
  time.now += 1
  await releaseItem(deps, { ...request, itemId: otherItemId })
  await state.sql.deleteFrom('digest_item').where('item_id', '=', request.itemId).execute()
  transport.answer = () => RELEASED
  time.now += 5000
  await retryDue(deps)
  expect(await findRelease(state, request.itemId)).toMatchObject({ state: 'failed', code: 'MESSAGE_GONE' })
  expect(await findRelease(state, otherItemId)).toMatchObject({ state: 'released' })
  const audit = (await rows('digest_audit')).filter(row => row.item_id === request.itemId)
  expect(audit.map(row => [row.actor, row.outcome])).toEqual([
    [ALICE, 'AMAVISD_DEFERRED'],
    ['retry', 'MESSAGE_GONE'],
  ])
  time.now += DAY
  expect(await retryDue(deps)).toBe(0)
})

test('a queued message that another program has released meanwhile is not released again', async () => {
  const { deps, key, rows, storage, time, transport, release } = await heldFor(ALICE)
  transport.answer = () => DEFERRED
  await release()
  await updateRecipient(storage, key, { rs: 'R' })
  time.now += 5000
  await retryDue(deps)
  expect(transport.requests).toHaveLength(1)
  expect(await rows('digest_release')).toMatchObject([
    { state: 'released', code: null, finished_at: time.now },
  ])
  expect(await release()).toEqual({ status: 'already-released', code: null })
})

test('a claimed release is queued if amavis’s database cannot be read', async () => {
  const { deps, storage, transport, release, time } = await heldFor(ALICE)
  transport.answer = () => DEFERRED
  await release()
  time.now += 5000
  await storage.sql.schema.alterTable('maddr').renameTo('maddr_away').execute()
  expect(await retryDue(deps)).toBe(1)
  await storage.sql.schema.alterTable('maddr_away').renameTo('maddr').execute()
  transport.answer = () => RELEASED
  time.now += 10_000
  expect(await retryDue(deps)).toBe(1)
  expect(transport.requests).toHaveLength(2)
  expect(await release()).toMatchObject({ status: 'already-released' })
})

test('each request leaves an audit row: who, from where, the outcome and amavisd’s reply', async () => {
  const { deps, request, rows, time, transport, release } = await heldFor(ALICE)
  transport.answer = () => DEFERRED
  await release()
  time.now += 5000
  transport.answer = () => RELEASED
  await retryDue(deps)
  await release()
  const audit = (await rows('digest_audit')).map(({ audit_id: _, at: __, ...row }) => row)
  const same = {
    action: 'release',
    item_id: request.itemId,
    recipient: ALICE,
    reader: ALICE,
    digest_id: null,
  }
  const reader = { ...same, actor_kind: 'reader', actor: ALICE, remote_address: '192.0.2.7' }
  expect(audit).toEqual([
    { ...reader, outcome: 'AMAVISD_DEFERRED', detail: DEFERRED.reply },
    {
      ...same,
      actor_kind: 'program',
      actor: 'retry',
      remote_address: null,
      outcome: 'released',
      detail: RELEASED.reply,
    },
    { ...reader, outcome: 'already-released', detail: RELEASED.reply },
  ])
})

test('what amavisd is told is read while the claim is written', async () => {
  const { deps, state, statements, request } = await heldFor(ALICE)
  const readings = () => statements.filter(sql => sql.includes('secret_id')).length
  const insertIfNew: Dialect['insertIfNew'] = async insert => {
    await expect.poll(readings).toBe(1)
    return state.dialect.insertIfNew(insert)
  }
  statements.length = 0
  const slow = { ...deps, state: { ...state, dialect: { ...state.dialect, insertIfNew } } }
  expect(await releaseItem(slow, request)).toMatchObject({ status: 'released' })
  expect(readings()).toBe(1)
})

test('a row of the audit that could not be written while the release was recorded is written after that', async () => {
  const { deps, request, rows } = await heldFor(ALICE)
  let failures = 1
  const works: ReleaseDeps['works'] = {
    ...deps.works,
    run: (work, task, perform) =>
      task === 'audit' && failures-- > 0
        ? Promise.reject(new Error('away'))
        : deps.works.run(work, task, perform),
  }
  expect(await releaseItem({ ...deps, works }, request)).toMatchObject({ status: 'released' })
  expect(await rows('digest_audit')).toMatchObject([{ outcome: 'released', detail: RELEASED.reply }])
  expect(failures).toBe(-1)
})

test('an admin releases by mail id and address, without a confirmation, even what no digest has listed', async () => {
  const program = await embeddedProgram()
  const [key] = await hold(program.storage, {
    recipient: 'Alice@Example.com',
    receivedAt: NOW - 10 * DAY,
    content: 'B',
  })
  const request = { mailId: key?.mailId ?? '', recipient: ALICE, by: ROOT, again: false }
  expect(await releaseByAdmin(program.deps, request)).toEqual({
    status: 'released',
    code: null,
    reply: RELEASED.reply,
  })
  expect(program.transport.requests).toMatchObject([{ recipient: 'Alice@Example.com', requestedBy: ALICE }])
  expect(await program.rows('digest_audit')).toMatchObject([
    { actor_kind: 'admin', actor: 'root', remote_address: null },
  ])
  expect(await releaseByAdmin(program.deps, request)).toMatchObject({ status: 'already-released' })
})

test('an admin learns that a message was delivered, and releases one on which a decision is pending', async () => {
  const program = await embeddedProgram()
  const [passed, pending] = await hold(
    program.storage,
    { recipient: ALICE, receivedAt: NOW, ds: 'P' },
    { recipient: ALICE, receivedAt: NOW, rs: 'p' },
  )
  const request = { recipient: ALICE, by: ROOT, again: false }
  const release = (mailId = '') => releaseByAdmin(program.deps, { ...request, mailId })
  await expect(release(passed?.mailId)).rejects.toThrow('amavisd delivered this message')
  expect(program.transport.requests).toEqual([])
  expect(await release(pending?.mailId)).toMatchObject({ status: 'released' })
})

test('an admin of some domains gets the same answer for a message to another domain as for none', async () => {
  const program = await embeddedProgram()
  const [key] = await hold(program.storage, { recipient: ALICE, receivedAt: NOW })
  const refusalOf = (mailId: string): Promise<{ code: string; message: string }> =>
    releaseByAdmin(program.deps, {
      mailId,
      recipient: ALICE,
      by: editorFor(['example.org']),
      again: false,
    }).then(
      () => expect.unreachable('it was released'),
      error => error,
    )
  const [foreign, unknown] = [await refusalOf(key?.mailId ?? ''), await refusalOf('x')]
  expect(foreign.code).toBe('OUT_OF_REACH')
  expect(foreign.message.replace(key?.mailId ?? '', 'x')).toBe(unknown.message)
  expect(await program.rows('digest_item')).toEqual([])
})

test('an admin releases neither to a foreign address nor against the policy', async () => {
  const program = await embeddedProgram()
  const [key] = await hold(program.storage, { recipient: ALICE, receivedAt: NOW, content: 'V' })
  const request = { mailId: key?.mailId ?? '', recipient: ALICE, by: ROOT, again: false }
  await expect(
    releaseByAdmin(program.deps, { ...request, recipient: 'mallory@example.org' }),
  ).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
  await expect(releaseByAdmin(program.deps, request)).rejects.toMatchObject({ code: 'POLICY_REFUSED' })
  expect(program.transport.requests).toEqual([])
})

/** A collected message to this recipient and another one. */
async function heldFor(recipient: string, fields: Partial<HeldMailSpec> = {}) {
  const program = await embeddedProgram()
  const [key, other] = await hold(
    program.storage,
    { recipient, receivedAt: NOW - HOUR, mailId: 'j0hWRAnY0bvs', ...fields },
    { recipient: 'other@example.com', receivedAt: NOW - HOUR, mailId: 'j0hWRAnY0bvs', rseqnum: 2 },
  )
  if (!key || !other) throw new Error('nothing is held')
  await collect(program.deps, NOW)
  const items = await program.rows('digest_item')
  const itemIdOf = (rseqnum: number) => items.find(row => row.rseqnum === rseqnum)?.item_id ?? ''
  const request: ReleaseItemRequest = {
    itemId: itemIdOf(1),
    actor: { kind: 'reader', name: ALICE, remoteAddress: '192.0.2.7' },
    requestedBy: ALICE,
    confirmed: false,
    again: false,
  }
  const release = () => releaseItem(program.deps, request)
  return { ...program, key, other, otherItemId: itemIdOf(2), request, release }
}

/** Requests while amavisd is being asked. Each has seen the claim once it compares its lease with the clock. */
function comeLate(count: number, deps: ReleaseDeps, request: ReleaseItemRequest) {
  const seen = Array.from({ length: count }, () => Promise.withResolvers<void>())
  const late = seen.map(({ resolve }) => {
    const clock = () => {
      resolve()
      return deps.clock()
    }
    return releaseItem({ ...deps, clock }, request)
  })
  return { late, haveSeenIt: Promise.all(seen.map(({ promise }) => promise)) }
}

/** The claim of a process that asked amavisd and died before it had the answer. */
async function claimAndAsk(
  state: Parameters<typeof claimFirst>[0],
  itemId: string,
  leaseUntil: number,
): Promise<void> {
  const dead = {
    heldId: itemId,
    itemId,
    claimId: 'dead',
    requestedBy: ALICE,
    askedBy: ALICE,
    leaseUntil,
    now: NOW,
  }
  const claim = await claimFirst(state, dead)
  if (claim) await renewClaim(state, claim, leaseUntil)
}
