import { expect, test } from 'vitest'
import { findDigest } from '../../../src/desks/admin/digests/find-digest.ts'
import { linkVisits } from '../../../src/desks/reader/link-visits.ts'
import { openMessage } from '../../../src/desks/reader/open-message.ts'
import { otherMessages } from '../../../src/desks/reader/other-messages.ts'
import { releaseForReader } from '../../../src/desks/reader/release-for-reader.ts'
import { releaseTogether } from '../../../src/desks/reader/release-together.ts'
import { readerSettingsDesk } from '../../../src/desks/reader/settings/settings-desk.ts'
import { visitByLink } from '../../../src/desks/reader/visit-by-link.ts'
import { openWholeDigest } from '../../../src/desks/reader/whole-digest.ts'
import { DAY } from '../../../src/ground/durations.ts'
import { createClickRecorder } from '../../../src/work/clicks/click-recorder.ts'
import { deliver } from '../../../src/work/digest/send/deliver.ts'
import { NOW } from '../../embedded/clock.ts'
import { ALICE, copiedDigest, DEPUTY, digestAndCopy } from '../../embedded/copies.ts'
import { releaseLinks } from '../../embedded/digest-links.ts'
import type { EmbeddedProgram } from '../../embedded/program.ts'

const REQUEST = { confirmed: false, again: false, pressed: true, remoteAddress: '192.0.2.7' } as const

test('a link in a copy releases for the reader, and the audit says by whose copy', async () => {
  const { deps, links, copy, rows } = await delivered()
  const { visitor, subject } = await visitByLink(deps, 'release', links.copy.release)
  expect(visitor).toMatchObject({ reader: ALICE, byCopy: { digestId: copy.digest_id, deliverTo: DEPUTY } })
  expect(await releaseForReader(deps, visitor, subject, REQUEST)).toMatchObject({
    outcome: { status: 'released' },
  })
  expect(await rows('digest_release')).toMatchObject([{ requested_by: ALICE, asked_by: ALICE }])
  expect(await rows('digest_audit')).toMatchObject([
    {
      actor_kind: 'reader',
      actor: ALICE,
      reader: ALICE,
      recipient: ALICE,
      action: 'release',
      outcome: 'released',
      digest_id: copy.digest_id,
      remote_address: '192.0.2.7',
      detail: expect.stringMatching(/^by the copy for deputy@example\.net; 250 /),
    },
  ])
  // The way back leads to the list of the copy.
  expect((await otherMessages(deps, visitor, subject))?.count).toBe(1)
})

test('the link of the reader leaves no word of a copy in the audit', async () => {
  const { deps, links, rows } = await delivered()
  const { visitor, subject } = await visitByLink(deps, 'release', links.own.release)
  await releaseForReader(deps, visitor, subject, REQUEST)
  expect(await rows('digest_audit')).toMatchObject([
    { digest_id: null, detail: expect.not.stringContaining('copy') },
  ])
})

test('the list of a copy shows the messages of the digest, and releases them together', async () => {
  const { deps, links, rows, copy } = await delivered()
  const { visitor, subject } = await visitByLink(deps, 'digest', links.copy.digest)
  const { entries } = await openWholeDigest(deps, visitor, subject, { page: 1, find: '' })
  expect(entries.map(({ mail }) => mail?.subject).sort()).toEqual(['One', 'Two'])
  const itemIds = entries.map(({ itemId }) => itemId)
  const { results } = await releaseTogether(deps, visitor, subject, { ...REQUEST, itemIds })
  expect(results.map(({ status }) => status)).toEqual(['released', 'released'])
  for (const { detail } of await rows('digest_audit')) expect(detail).toMatch(/^by the copy for deputy/)
  const [entry] = entries
  const token = entry?.releaseUrl.split('/').at(-1) ?? ''
  expect((await visitByLink(deps, 'release', token)).visitor.byCopy?.digestId).toBe(copy.digest_id)
})

test('a link in a copy changes no settings, and works only as long as copies go there', async () => {
  const { deps, links, state } = await delivered()
  const { visitor } = await visitByLink(deps, 'digest', links.copy.digest)
  const settings = readerSettingsDesk(deps)
  await expect(settings.show(visitor)).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  await expect(settings.pause(visitor, 'week', null)).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  await state.sql.updateTable('digest_preference').set({ copy_to: null }).execute()
  for (const purpose of ['release', 'digest'] as const)
    await expect(visitByLink(deps, purpose, links.copy[purpose])).rejects.toMatchObject({
      code: 'OUT_OF_REACH',
    })
  await visitByLink(deps, 'release', links.own.release)
})

test('a machine that reads the copy takes the one click from its links, and not from the reader’s', async () => {
  const { deps, links, copy } = await delivered()
  const visits = linkVisits(deps)
  await visits.noteMachine({ digestId: copy.digest_id, reader: ALICE }, null)
  const needsButton = async (token: string) => {
    const { visitor, subject } = await visitByLink(deps, 'release', token)
    return (await openMessage(deps, visitor, subject)).needsButton
  }
  expect(await needsButton(links.copy.release)).toBe(true)
  expect(await needsButton(links.own.release)).toBe(false)
})

test('a machine that reads the reader’s digest does not take the one click from the copy', async () => {
  const { deps, links, digest } = await delivered()
  await linkVisits(deps).noteMachine({ digestId: digest.digest_id, reader: ALICE }, null)
  const { visitor, subject } = await visitByLink(deps, 'release', links.copy.release)
  expect(await openMessage(deps, visitor, subject)).toMatchObject({ needsButton: false })
})

test('a click in a copy is counted for the copy', async () => {
  const { deps, links, copy, digest, rows } = await delivered()
  const recorder = createClickRecorder(deps)
  recorder.recordClick({ page: 'release', method: 'GET', token: links.copy.release })
  recorder.recordClick({ page: 'release', method: 'GET', token: links.own.release })
  await recorder[Symbol.asyncDispose]()
  const clicked = (await rows('digest_click')).map(({ digest_id }) => digest_id)
  expect(clicked.sort()).toEqual([copy.digest_id, digest.digest_id].sort())
})

test('an expired link of a copy has a fresh digest and copy sent, and the audit says by whose copy', async () => {
  const { deps, links, time, rows, mailer } = await delivered()
  time.now += 15 * DAY
  const visitor = await linkVisits(deps).openExpired('digest', links.copy.digest, null)
  expect(visitor.may).toEqual(['digest'])
  mailer.attempts.length = 0
  await readerSettingsDesk(deps).sendFresh(visitor, null)
  expect(mailer.attempts.map(({ to }) => to).sort()).toEqual([ALICE, DEPUTY])
  expect(await rows('digest_audit')).toMatchObject([
    { action: 'send-now', actor: ALICE, detail: 'by the copy for deputy@example.net' },
  ])
})

test('an admin sees the copy with the messages of its digest', async () => {
  const { deps, copy, digest } = await delivered()
  const found = await findDigest(deps, undefined, copy.digest_id)
  expect(found.digest).toMatchObject({ copyOf: digest.digest_id, deliverTo: DEPUTY })
  expect(found.messages).toHaveLength(2)
})

/** The digest and its copy have been delivered; the tokens of their links. */
async function delivered() {
  const program = await copiedDigest()
  await deliver(program.deps, { dueAt: NOW })
  const linksTo = (address: string) => linksIn(program, address)
  return {
    ...program,
    ...(await digestAndCopy(program)),
    links: { own: linksTo(ALICE), copy: linksTo(DEPUTY) },
  }
}

function linksIn({ mailer }: EmbeddedProgram, address: string) {
  const text = mailer.attempts.find(({ to }) => to === address)?.text
  const tokenOf = (url: string | undefined) => url?.split('/').at(-1) ?? ''
  return {
    release: tokenOf(releaseLinks(text)[0]),
    digest: tokenOf(/https:\S+\/digest\/\S+/.exec(text ?? '')?.[0]),
  }
}
