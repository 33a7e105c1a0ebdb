import { expect, test } from 'vitest'
import { releaseByAdmin } from '../../../src/desks/admin/releases/release-by-admin.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/ground/durations.ts'
import { deleteHeld, restoreHeld } from '../../../src/work/quarantine/delete-held.ts'
import { releaseHeld } from '../../../src/work/quarantine/release-held.ts'
import { LONGEST_NOTE } from '../../../src/work/requests/request.ts'
import { requestsOf } from '../../../src/work/requests/requests-seen.ts'
import { purge, updateRecipient } from '../../embedded/held-mail.ts'
import { DEFERRED, REFUSED, RELEASED } from '../../embedded/scripted-transport.ts'
import { adminOf } from '../../embedded/viewers.ts'
import { retryDue } from '../release/retry-due.ts'
import { ALICE, BOB, decider, REF, requestsWorld, SALES } from './requests-world.ts'

test('readers of one address share a request, and who asks again gets the same answer', async () => {
  const { ask, status, waiting, rows, deps } = await requestsWorld()
  expect(await ask(ALICE)).toMatchObject({
    status: 'requested',
    request: { state: 'waiting', askedByThisReader: true, note: undefined, decidedAt: undefined },
  })
  expect(await status()).toBe('p')
  expect(await ask(BOB)).toMatchObject({ status: 'requested', request: { askedByThisReader: true } })
  expect(await ask(ALICE)).toMatchObject({ status: 'requested' })
  const [request, ...others] = await waiting()
  expect(others).toEqual([])
  expect(request).toMatchObject({ ref: REF, readers: [ALICE, BOB], kind: 'banned', domain: 'example.com' })
  const seen = await requestsOf(deps.state, [request?.heldId ?? ''], 'carol@example.com')
  expect([...seen.values()]).toMatchObject([{ state: 'waiting', askedByThisReader: false }])
  expect((await rows('digest_audit')).map(row => [row.actor, row.action, row.outcome])).toEqual([
    [ALICE, 'request', 'requested'],
    [BOB, 'request', 'requested'],
    [ALICE, 'request', 'requested'],
  ])
})

test('an admin approves: the message goes to its recipient for who asked first, and each reader is told once', async () => {
  const { ask, desk, waiting, transport, rows, sweep, mailsTo, mailer, status, later } = await requestsWorld()
  await ask(ALICE)
  await ask(BOB)
  const [request] = await waiting()
  const outcome = await desk.approve(decider(), request?.id ?? '', { note: '  It is <b>yours</b>\nتفضل ' })
  expect(outcome).toMatchObject({
    decision: 'approved',
    release: { status: 'released' },
    request: { state: 'approved', decided: { by: 'root@example.com' }, note: 'It is <b>yours</b>\nتفضل' },
  })
  expect(transport.requests.map(({ recipient, requestedBy }) => [recipient, requestedBy])).toEqual([
    ['sales@example.com', ALICE],
  ])
  expect(await status()).toBe('R')
  await sweep()
  later(HOUR)
  await sweep()
  expect(mailsTo(ALICE)).toEqual(['The message that you asked for has been released'])
  expect(mailsTo(BOB)).toEqual(mailsTo(ALICE))
  const [mail] = mailer.attempts.filter(({ to }) => to === ALICE)
  expect(mail?.html).toContain('It is &lt;b&gt;yours&lt;/b&gt;')
  expect(mail?.text).toContain('تفضل')
  expect(mail?.text).toContain('The tool that you asked for')
  expect((await rows('digest_audit')).slice(2).map(row => [row.actor, row.action, row.outcome])).toEqual([
    ['root@example.com', 'approve', 'approved'],
    ['root@example.com', 'release', 'released'],
  ])
  expect(await ask(BOB)).toEqual({ status: 'already-released', request: undefined })
})

test('of two admins who decide at once one wins, and the other is told who decided what', async () => {
  const { ask, desk, waiting, rows } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  const id = request?.id ?? ''
  const decisions = await Promise.allSettled([
    desk.approve(decider('ann@example.com'), id, {}),
    desk.refuse(decider('ben@example.com'), id, { note: 'No programs by mail.' }),
  ])
  const won = decisions.filter(({ status }) => status === 'fulfilled')
  expect(won).toHaveLength(1)
  const [decided] = await rows('digest_request')
  const lost = decisions.find(decision => decision.status === 'rejected')
  expect(lost?.reason).toMatchObject({ code: 'REQUEST_DECIDED' })
  expect(lost?.reason.message).toContain(
    `${decided?.decided_by} has ${decided?.state} this request on 2026-03-11 05:00 UTC.`,
  )
})

test('a refusal makes it V again, is told with its note, and cannot be asked for again', async () => {
  const { ask, desk, waiting, status, sweep, mailsTo, transport, mailer } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  const outcome = await desk.refuse(decider(), request?.id ?? '', { note: 'Programs\u202E are not allowed.' })
  expect(outcome).toMatchObject({ decision: 'refused', release: undefined })
  expect(await status()).toBe('V')
  await sweep()
  expect(mailsTo(ALICE)).toEqual(['Your request for a message was refused'])
  expect(mailer.attempts.find(({ to }) => to === ALICE)?.text).toContain('Programs are not allowed.')
  expect(await ask(ALICE)).toMatchObject({ status: 'refused', request: { state: 'refused' } })
  expect(await status()).toBe('V')
  expect(transport.requests).toEqual([])
})

test('nobody decides beyond their domains, or without the right to: such a request does not exist', async () => {
  const { ask, desk, waiting } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  const id = request?.id ?? ''
  const stranger = decider('eve@other.example', 'other.example')
  for (const act of ['approve', 'refuse'] as const) {
    await expect(desk[act](stranger, id, {})).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    await expect(desk[act](decider(), 'nothing', {})).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    await expect(desk[act](adminOf(), id, {})).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  }
  await expect(desk.find(stranger, id)).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
  await expect(desk.list(adminOf(), { limit: 5 })).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  expect(await desk.list(stranger, { limit: 5 })).toEqual({ requests: [], next: undefined })
  expect(await desk.waiting(stranger)).toBe(0)
  expect(await desk.waiting(decider('own@example.com', 'example.com'))).toBe(1)
  await desk.approve(decider('own@example.com', 'example.com'), id, {})
})

test('a note is at most as long as somebody reads it, in any script', async () => {
  const { ask, desk, waiting } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  const id = request?.id ?? ''
  const tooLong = desk.refuse(decider(), id, { note: 'x'.repeat(10_240) })
  await expect(tooLong).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    message: `A note has at most ${LONGEST_NOTE} characters: say it in fewer words.`,
  })
  expect(await desk.waiting(decider())).toBe(1)
  const { request: refused } = await desk.refuse(decider(), id, { note: '😀'.repeat(LONGEST_NOTE) })
  expect(refused.note).toBe('😀'.repeat(LONGEST_NOTE))
})

test('where a virus needs two, the same admin does not count twice, and anybody may refuse', async () => {
  const terms = { expire: 7 * DAY, mailEvery: 10 * MINUTE, virusNeedsTwo: true }
  const { ask, desk, waiting, transport } = await requestsWorld({ content: 'V' }, { requestTerms: terms })
  await ask(ALICE)
  const [request] = await waiting()
  const id = request?.id ?? ''
  const first = await desk.approve(decider('ann@example.com'), id, { note: 'Checked.' })
  expect(first).toMatchObject({ decision: 'first', release: undefined, request: { state: 'waiting' } })
  await expect(desk.approve(decider('ann@example.com'), id, {})).rejects.toMatchObject({
    code: 'REQUEST_DECIDED',
    message:
      'You have approved of this on 2026-03-11 05:00 UTC. A virus needs two admins: somebody else has to approve, too.',
  })
  expect(transport.requests).toEqual([])
  const second = await desk.approve(decider('nightly (API key 0123456789ab)'), id, {})
  expect(second).toMatchObject({
    decision: 'approved',
    release: { status: 'released' },
    request: { first: { by: 'ann@example.com' }, note: 'Checked.' },
  })
})

test('where a virus needs two, no admin releases it alone, whichever way they take', async () => {
  const terms = { expire: 7 * DAY, mailEvery: 10 * MINUTE, virusNeedsTwo: true }
  const { ask, desk, waiting, transport, deps } = await requestsWorld(
    { content: 'V' },
    { requestTerms: terms },
  )
  const ways = [
    () => releaseHeld(deps, decider(), REF, { confirmed: true, again: true, pressed: true }),
    () =>
      releaseByAdmin(deps, {
        mailId: 'wanted',
        recipient: SALES,
        by: { actor: decider().actor, reach: undefined },
        again: true,
      }),
  ]
  const refused = { code: 'POLICY_REFUSED', message: expect.stringContaining('Two admins') }
  for (const way of ways) await expect(way()).rejects.toMatchObject(refused)
  await ask(ALICE)
  const [request] = await waiting()
  const id = request?.id ?? ''
  await desk.approve(decider('ann@example.com'), id, {})
  for (const way of ways) await expect(way()).rejects.toMatchObject(refused)
  expect(transport.requests).toEqual([])
  expect(await desk.approve(decider('ben@example.com'), id, {})).toMatchObject({
    release: { status: 'released' },
  })
  for (const way of ways) expect(await way()).toMatchObject({ status: 'already-released' })
})

test('approval while amavisd is away is queued; its readers are told so, and again when the mail has come', async () => {
  const { ask, desk, waiting, transport, sweep, later, mailsTo, deps, status } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  transport.answer = () => DEFERRED
  const outcome = await desk.approve(decider(), request?.id ?? '', {})
  expect(outcome.release).toEqual({ status: 'queued', code: 'AMAVISD_DEFERRED' })
  expect(await ask(ALICE)).toMatchObject({ status: 'requested', request: { state: 'approved' } })
  await sweep()
  expect(mailsTo(ALICE)).toEqual([])
  later(MINUTE)
  await sweep()
  expect(mailsTo(ALICE)).toEqual(['Approved: the message that you asked for comes later'])
  transport.answer = () => RELEASED
  await retryDue(deps)
  later(MINUTE)
  await sweep()
  expect(mailsTo(ALICE)).toEqual([
    'Approved: the message that you asked for comes later',
    'The message that you asked for has been released',
  ])
  expect(await status()).toBe('R')
})

test('a delivery that fails is told, and the message can be asked for again', async () => {
  const { ask, desk, waiting, transport, sweep, mailsTo, status } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  transport.answer = () => REFUSED
  const outcome = await desk.approve(decider(), request?.id ?? '', {})
  expect(outcome.release).toMatchObject({ status: 'failed', code: 'AMAVISD_REFUSED' })
  await sweep()
  expect(mailsTo(ALICE)).toEqual(['The message that you asked for could not be delivered'])
  expect(await status()).toBe('V')
  transport.answer = () => RELEASED
  expect(await ask(ALICE)).toMatchObject({ status: 'requested', request: { state: 'waiting' } })
  const [again] = await waiting()
  expect(await desk.approve(decider(), again?.id ?? '', {})).toMatchObject({
    release: { status: 'released' },
  })
})

test('a decision that a crash has kept from being carried out is made good', async () => {
  const { ask, waiting, transport, sweep, later, mailsTo, state } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  await state.sql
    .updateTable('digest_request')
    .set({ state: 'approved', open_held_id: null, decided_by: 'ann@example.com', marked: 0 })
    .set({ decided_at: request?.askedAt ?? 0, next_at: (request?.askedAt ?? 0) + 30 * SECOND })
    .execute()
  await sweep()
  expect(transport.requests).toHaveLength(0)
  later(MINUTE)
  await sweep()
  expect(transport.requests).toMatchObject([{ requestedBy: ALICE }])
  await sweep()
  expect(mailsTo(ALICE)).toEqual(['The message that you asked for has been released'])
  const [release] = await state.sql.selectFrom('digest_release').selectAll().execute()
  expect(release).toMatchObject({ asked_by: 'ann@example.com', requested_by: ALICE })
})

test('a request expires, and the message can be asked for again', async () => {
  const { ask, sweep, later, mailsTo, status, desk, rows } = await requestsWorld()
  await ask(ALICE)
  later(7 * DAY)
  await sweep()
  await sweep()
  expect(await status()).toBe('V')
  expect(mailsTo(ALICE)).toEqual(['Nobody has decided about the message that you asked for'])
  const [old] = await rows('digest_request')
  await expect(desk.approve(decider(), old?.request_id ?? '', {})).rejects.toMatchObject({
    code: 'REQUEST_DECIDED',
    message: 'This request is over: nobody had decided by 2026-03-18 05:00 UTC.',
  })
  expect(await ask(ALICE)).toMatchObject({ status: 'requested', request: { state: 'waiting' } })
  expect(await status()).toBe('p')
})

test.each([
  ['R', 'released', 'The message that you asked for was released', 'REQUEST_DECIDED'],
  ['D', 'gone', 'The message that you asked for is no longer there', 'MESSAGE_GONE'],
])('a message that another program has set to %s ends its request as %s', async (rs, state, told, code) => {
  const { ask, sweep, later, mailsTo, storage, key, waiting, desk, rows } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  await updateRecipient(storage, key, { rs })
  await expect(desk.approve(decider(), request?.id ?? '', {})).rejects.toMatchObject({ code })
  later(MINUTE)
  await sweep()
  expect((await rows('digest_request')).map(row => row.state)).toEqual([state])
  expect(mailsTo(ALICE)).toEqual([told])
})

test('a message that was purged ends its request, and its readers are told', async () => {
  const { ask, sweep, later, mailsTo, storage, key, waiting, desk } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  await purge(storage, key)
  later(MINUTE)
  await sweep()
  await sweep()
  expect(mailsTo(ALICE)).toEqual(['The message that you asked for is no longer there'])
  await expect(desk.refuse(decider(), request?.id ?? '', {})).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
  expect(await desk.find(decider(), request?.id ?? '')).toMatchObject({
    request: { state: 'gone' },
    mail: undefined,
  })
})

test('an admin who releases it from the quarantine has approved', async () => {
  const { ask, sweep, mailsTo, deps, rows, transport } = await requestsWorld()
  await ask(ALICE)
  await releaseHeld(deps, adminOf(), REF, { confirmed: true, again: false })
  expect(await rows('digest_request')).toMatchObject([{ state: 'approved', decided_by: 'root@example.com' }])
  await sweep()
  expect(mailsTo(ALICE)).toEqual(['The message that you asked for has been released'])
  expect(transport.requests).toHaveLength(1)
})

test('a requested message that is deleted is gone; restored, it is asked for as before', async () => {
  const { ask, deps, rows, status, waiting } = await requestsWorld()
  await ask(ALICE)
  await deleteHeld(deps, adminOf(), REF)
  expect(await rows('digest_request')).toMatchObject([{ state: 'gone', open_held_id: null }])
  await expect(ask(ALICE)).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
  await restoreHeld(deps, adminOf(), REF)
  expect(await status()).toBe('p')
  expect(await waiting()).toMatchObject([{ state: 'waiting', readers: [ALICE] }])
})
