import { expect, test } from 'vitest'
import { resendDigest } from '../../../../src/desks/admin/digests/resend.ts'
import { dropByHand } from '../../../../src/desks/admin/stuck/by-hand.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { isOwnMessageId } from '../../../../src/ground/mail/message-id.ts'
import type { Editor } from '../../../../src/rules/reach/reach.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { expireDigests } from '../../../../src/work/digest/send/expire.ts'
import { recordSent } from '../../../../src/work/digest/send/outbox.ts'
import { NOW } from '../../../embedded/clock.ts'
import { releaseLinks } from '../../../embedded/digest-links.ts'
import { hold, purge } from '../../../embedded/held-mail.ts'
import { refuseAudit } from '../../../embedded/no-audit.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const ALICE = 'alice@example.com'
const ADMIN: Editor = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined }

test('a delivered digest is resent as another mail with the same links', async () => {
  const { deps, time, mailer, resend, digest, rows, items } = await delivered()
  time.now += DAY
  expect(await resend()).toMatchObject({ reader: ALICE, times: 1 })
  expect(await digest()).toMatchObject({ state: 'pending', resent: 1, attempts: 0 })
  expect(await deliver(deps, { dueAt: time.now })).toMatchObject({ sent: 1 })
  const [first, second] = mailer.attempts
  expect(second?.messageId).toBe(first?.messageId.replace('@', '.r1@'))
  expect(isOwnMessageId(second?.messageId ?? '', 'example.com')).toBe(true)
  expect(releaseLinks(second?.text)).toEqual(releaseLinks(first?.text))
  expect(second).toMatchObject({ to: first?.to, date: time.now })
  expect(await digest()).toMatchObject({ state: 'sent', finished_at: time.now })
  expect(await items()).toEqual([(await digest()).digest_id])
  expect((await rows('digest_audit')).at(-1)).toMatchObject({
    action: 'resend',
    actor: 'root',
    recipient: ALICE,
  })
})

test('of several requests at the same time one succeeds, and the others learn that it is on its way', async () => {
  const { resend } = await delivered()
  const answers = await Promise.allSettled([resend(), resend(), resend()])
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  await expect(resend()).rejects.toMatchObject({
    code: 'RESEND_REFUSED',
    message: expect.stringContaining('on its way'),
  })
})

test('without its audit line, a digest is not resent', async () => {
  const { deps, resend, digest } = await delivered()
  await refuseAudit(deps.state)
  await expect(resend()).rejects.toThrow()
  expect(await digest()).toMatchObject({ state: 'sent', resent: null })
})

test('a late outcome of the first mail is not taken for that of the second', async () => {
  const { deps, mailer, time, resend, digest } = await delivered()
  await resend()
  const { digest_id: digestId } = await digest()
  await recordSent(deps.state, [{ digestId, resent: 0, reply: '250 late' }], time.now)
  expect(await deliver(deps, { dueAt: time.now })).toMatchObject({ sent: 1 })
  expect(mailer.attempts).toHaveLength(2)
})

test('a resent digest is tried as long as a new one, and keeps its messages when it cannot be delivered', async () => {
  const { deps, time, mailer, resend, digest, items } = await delivered()
  time.now += 5 * DAY
  await resend()
  mailer.answer = () => ({ outcome: 'deferred', reply: '451 later' })
  await deliver(deps, { dueAt: time.now })
  time.now += 23 * HOUR
  expect(await expireDigests(deps)).toBe(0)
  await deliver(deps, { dueAt: time.now })
  expect(await digest()).toMatchObject({ state: 'pending' })
  time.now += 2 * HOUR
  expect(await expireDigests(deps)).toBe(1)
  expect(await digest()).toMatchObject({ state: 'sent', reply: expect.stringContaining('not sent again') })
  expect(await items()).toEqual([(await digest()).digest_id])
})

test.each([
  ['refused', '550 no such user', 0],
  ['deferred', '451 later', DAY],
] as const)(
  'a resent digest keeps its messages when the server has %s it for good',
  async (outcome, reply, later) => {
    const { deps, time, mailer, resend, digest, items } = await delivered()
    await resend()
    time.now += later
    mailer.answer = () => ({ outcome, reply })
    await deliver(deps, { dueAt: time.now })
    expect(await digest()).toMatchObject({
      state: 'sent',
      reply: `not sent again: ${reply}`,
      finished_at: NOW,
    })
    expect(await items()).toEqual([(await digest()).digest_id])
  },
)

test('with nothing left to release, a digest is not resent and stays as it was', async () => {
  const { deps, time, mailer, resend, digest, storage, key } = await delivered()
  await purge(storage, key)
  await resend()
  await deliver(deps, { dueAt: time.now })
  expect(mailer.attempts).toHaveLength(1)
  expect(await digest()).toMatchObject({ state: 'sent', reply: expect.stringContaining('not sent again') })
})

test('a resent digest that an admin drops counts as sent', async () => {
  const { deps, resend, digest, id } = await delivered()
  await resend()
  const sendNow = async () => ({ digests: 0, sent: 0 })
  const [dropped] = await dropByHand({ ...deps, sendNow }, { what: [id], by: ADMIN })
  expect(dropped).toMatchObject({ did: 'dropped' })
  expect(await digest()).toMatchObject({ state: 'sent', finished_at: NOW })
})

test('a digest that was not delivered, has expired or is out of reach is not resent', async () => {
  const { deps, state, time, id } = await delivered()
  const resendAs = (by: Editor = ADMIN, digestId = id) => resendDigest(deps, by, digestId)
  await expect(resendAs(ADMIN, 'unknown')).rejects.toMatchObject({ code: 'DIGEST_UNKNOWN' })
  await expect(resendAs({ ...ADMIN, reach: ['example.org'] })).rejects.toMatchObject({
    code: 'DIGEST_UNKNOWN',
    message: expect.not.stringContaining('@'),
  })
  for (const other of ['failed', 'empty', 'dropped', 'pending'] as const) {
    await state.sql.updateTable('digest_digest').set({ state: other }).execute()
    await expect(resendAs()).rejects.toMatchObject({ code: 'RESEND_REFUSED' })
  }
  await state.sql.updateTable('digest_digest').set({ state: 'sent' }).execute()
  time.now += 14 * DAY
  await expect(resendAs()).rejects.toMatchObject({
    code: 'RESEND_REFUSED',
    message: expect.stringContaining('expired'),
  })
  time.now -= 1
  await expect(resendAs()).resolves.toMatchObject({ times: 1 })
})

/** A program that has delivered one digest with one message. */
async function delivered() {
  const program = await embeddedProgram()
  const { deps, storage, rows } = program
  const [key] = await hold(storage, { recipient: ALICE, receivedAt: NOW - HOUR })
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  await deliver(deps, { dueAt: NOW })
  const digest = async () => {
    const [row] = await rows('digest_digest')
    if (!row) throw new Error('there is no digest')
    return row
  }
  const { digest_id: id } = await digest()
  if (!key) throw new Error('no mail is held')
  return {
    ...program,
    key,
    id,
    digest,
    items: async () => (await rows('digest_item')).map(row => row.digest_id),
    resend: () => resendDigest(deps, ADMIN, id),
  }
}
