import { expect, test } from 'vitest'
import { setSettings } from '../../../../src/desks/admin/settings/change-settings.ts'
import { dropByHand, retryByHand } from '../../../../src/desks/admin/stuck/by-hand.ts'
import { waitingFor } from '../../../../src/desks/reader/settings/waiting.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import type { OutgoingMail, SendAnswer } from '../../../../src/ground/mail/mailer.ts'
import type { SettingsChange } from '../../../../src/rules/settings/setting-faults.ts'
import { FOREVER } from '../../../../src/rules/settings/setting-fields.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { deliverUntilDone } from '../../../../src/work/digest/send/deliver-until-done.ts'
import { NOW } from '../../../embedded/clock.ts'
import { ALICE, copiedDigest, DEPUTY, digestAndCopy } from '../../../embedded/copies.ts'
import { releaseLinks } from '../../../embedded/digest-links.ts'
import { changingDirectory } from '../../../embedded/directory.ts'
import { ROOT } from '../../../embedded/editors.ts'
import type { EmbeddedProgram } from '../../../embedded/program.ts'
import { ACCEPTED } from '../../../embedded/scripted-mailer.ts'

const REFUSED: SendAnswer = { outcome: 'refused', reply: '552 5.2.2 mailbox full' }
const BUSY: SendAnswer = { outcome: 'deferred', reply: '451 4.2.1 busy' }

test('a copy lists what its digest lists, says for whom it is, and leads to no settings', async () => {
  const program = await copiedDigest()
  expect(await deliver(program.deps, { dueAt: NOW })).toMatchObject({
    sent: 1,
    failed: 0,
    copies: { sent: 1, failed: 0 },
  })
  const { [ALICE]: own, [DEPUTY]: copy } = mailsOf(program)
  expect(copy?.subject).toBe(`For ${ALICE}: ${own?.subject}`)
  const firstLines = copy?.text.split('\n').slice(0, 3).join(' ')
  expect(firstLines).toContain(`Copy for ${DEPUTY} of the digest of ${ALICE}`)
  expect(copy?.html).toContain(`Copy for ${DEPUTY} of the digest of ${ALICE}`)
  expect(copy?.text.replaceAll('\n', ' ')).toContain(`copies of the digests of ${ALICE} sent to ${DEPUTY}`)
  expect(releaseLinks(copy?.text)).toHaveLength(2)
  expect(own?.text).toContain('The blue teapot')
  for (const part of [copy?.text, copy?.html]) {
    expect(part).not.toContain('/preferences/')
    expect(part).not.toContain('teapot')
    expect(part).not.toContain('your inbox')
  }
  expect(own?.preferencesUrl).toContain('/preferences/')
  expect(copy?.preferencesUrl).toBeUndefined()
  expect(copy?.messageId).not.toBe(own?.messageId)
})

test.each<[string, SettingsChange, RegExp]>([
  ['an admin has taken it back', { copyTo: [] }, /no copies .* any more/],
  ['the digest itself goes there now', { deliverTo: 'Deputy@Example.net' }, /no copies .* any more/],
  ['the reader has paused', { pausedUntil: FOREVER }, /paused/],
  ['the digests are turned off', { enabled: false }, /turned off/],
])('a copy is not sent when %s', async (_, change, reply) => {
  const program = await copiedDigest()
  await setSettings(program.deps, ROOT, ALICE, change)
  program.mailer.attempts.length = 0
  await deliver(program.deps, { dueAt: NOW })
  expect((await digestAndCopy(program)).copy).toMatchObject({
    state: 'empty',
    reply: expect.stringMatching(reply),
  })
  const isSent = change.copyTo !== undefined || change.deliverTo !== undefined
  expect(program.mailer.attempts).toHaveLength(isSent ? 1 : 0)
})

test('a copy shows only what its reader still reads, and a mailbox that is gone has none', async () => {
  const program = await copiedDigest()
  await program.state.sql
    .updateTable('digest_item')
    .set({ recipient: 'sales@example.com' })
    .where('item_id', '=', (await program.rows('digest_item'))[0]?.item_id ?? '')
    .execute()
  const directory = changingDirectory({ 'sales@example.com': ['bob@example.com'] })
  await deliver({ ...program.deps, directory }, { dueAt: NOW })
  expect(releaseLinks(mailsOf(program)[DEPUTY]?.text)).toHaveLength(1)

  const other = await copiedDigest()
  await deliver({ ...other.deps, directory: changingDirectory({ [ALICE]: [] }) }, { dueAt: NOW })
  expect(other.mailer.attempts).toEqual([])
  expect((await digestAndCopy(other)).copy).toMatchObject({ state: 'empty' })
})

test('a copy of a digest that an admin has dropped is not sent', async () => {
  const program = await copiedDigest()
  const { digest } = await digestAndCopy(program)
  await dropByHand(byHandDeps(program), { by: ROOT, what: [digest.digest_id] })
  expect(await deliver(program.deps, { dueAt: NOW })).toMatchObject({ sent: 0, copies: { sent: 0 } })
  expect((await digestAndCopy(program)).copy.reply).toContain('an admin dropped')
})

test('a copy goes even if the reader’s mailbox refuses the digest, which waits for the next one then', async () => {
  const program = await copiedDigest()
  program.mailer.answer = mail => (mail.to === ALICE ? REFUSED : BUSY)
  expect(await deliver(program.deps, { dueAt: NOW })).toMatchObject({
    failed: 1,
    copies: { sent: 0, failed: 1 },
  })
  program.mailer.attempts.length = 0
  program.mailer.answer = () => ACCEPTED
  program.time.now += HOUR
  expect(await deliver(program.deps, { dueAt: program.time.now })).toMatchObject({
    sent: 0,
    copies: { sent: 1 },
  })
  expect(releaseLinks(mailsOf(program)[DEPUTY]?.text)).toHaveLength(2)
  const next = { schedule: undefined, readers: undefined, dueAt: program.time.now }
  expect(await run(program.deps, next)).toMatchObject({ digests: 1, items: 2 })
})

test('a copy is no digest of the reader: nothing that counts digests counts it', async () => {
  const program = await copiedDigest()
  const { deps } = program
  expect(await waitingFor(deps, ALICE, { leaveOutBlocked: false }, NOW)).toMatchObject({
    total: 0,
    onItsWay: 2,
  })
  program.mailer.answer = mail => (mail.to === ALICE ? ACCEPTED : REFUSED)
  expect(await deliverUntilDone(deps, { dueAt: NOW })).toMatchObject({
    sent: 1,
    failed: 0,
    copies: { sent: 0, failed: 1 },
  })
})

test('a copy that failed is sent once more when an admin retries it', async () => {
  const program = await copiedDigest()
  program.mailer.answer = mail => (mail.to === ALICE ? ACCEPTED : REFUSED)
  await deliver(program.deps, { dueAt: NOW })
  const { copy } = await digestAndCopy(program)
  const done = await retryByHand(byHandDeps(program), { by: ROOT, what: [copy.digest_id] })
  expect(done).toMatchObject([{ did: 'due', whose: DEPUTY }])
  program.mailer.answer = () => ACCEPTED
  expect(await deliver(program.deps, { dueAt: NOW })).toMatchObject({ sent: 0, copies: { sent: 1 } })
  expect(await digestAndCopy(program)).toMatchObject({ digest: { state: 'sent' }, copy: { state: 'sent' } })
})

/** The last mail that each address got. */
const mailsOf = ({ mailer }: EmbeddedProgram): Readonly<Record<string, OutgoingMail>> =>
  Object.fromEntries(mailer.attempts.map(mail => [mail.to, mail]))

const byHandDeps = ({ deps }: EmbeddedProgram) => ({
  ...deps,
  sendNow: async () => ({ digests: 0, sent: 0 }),
})
