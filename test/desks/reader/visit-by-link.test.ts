import { expect, test } from 'vitest'
import { openMessage } from '../../../src/desks/reader/open-message.ts'
import { releaseForReader } from '../../../src/desks/reader/release-for-reader.ts'
import { readerSettingsDesk } from '../../../src/desks/reader/settings/settings-desk.ts'
import { visitByLink } from '../../../src/desks/reader/visit-by-link.ts'
import { openWholeDigest } from '../../../src/desks/reader/whole-digest.ts'
import { HOUR } from '../../../src/ground/durations.ts'
import { asReader } from '../../../src/rules/reach/visitor.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'

const ALICE = 'alice@example.com'
const REQUEST = { confirmed: false, again: false, pressed: true, remoteAddress: null } as const
const OUT_OF_REACH = { code: 'OUT_OF_REACH' }

test('a release link makes a visitor who may see and release its message', async () => {
  const { deps, tokens } = await digestForAlice()
  const visit = await visitByLink(deps, 'release', tokens.release)
  expect(visit).toMatchObject({
    visitor: { reader: ALICE, by: 'link', may: ['read', 'release', 'senders', 'learn'] },
    subject: { reader: ALICE, recipient: ALICE },
  })
  expect(visit.until).toBeGreaterThan(NOW)
})

test('a preferences link makes a visitor who sees no mail and releases none', async () => {
  const { deps, tokens, item } = await digestForAlice()
  const { visitor, subject } = await visitByLink(deps, 'preferences', tokens.preferences)
  expect(visitor.may).toEqual(['settings'])
  await expect(openMessage(deps, visitor, item)).rejects.toMatchObject(OUT_OF_REACH)
  await expect(openWholeDigest(deps, visitor, subject, { page: 1, find: '' })).rejects.toMatchObject(
    OUT_OF_REACH,
  )
})

test('a release link gives no access to the settings', async () => {
  const { deps, tokens } = await digestForAlice()
  const { visitor } = await visitByLink(deps, 'release', tokens.release)
  const settings = readerSettingsDesk(deps)
  await expect(settings.show(visitor)).rejects.toMatchObject(OUT_OF_REACH)
  await expect(settings.pause(visitor, 'week', null)).rejects.toMatchObject(OUT_OF_REACH)
  await expect(settings.choose(visitor, {}, null)).rejects.toMatchObject(OUT_OF_REACH)
  await expect(settings.sendNow(visitor, null)).rejects.toMatchObject(OUT_OF_REACH)
  await expect(settings.askForDestination(visitor, 'x@example.com', null)).rejects.toMatchObject(OUT_OF_REACH)
})

test('nobody sees or releases the message of another reader, however they came in', async () => {
  const { deps, item, transport } = await digestForAlice()
  const bob = asReader('bob@example.com')
  await expect(openMessage(deps, bob, item)).rejects.toMatchObject(OUT_OF_REACH)
  await expect(releaseForReader(deps, bob, item, REQUEST)).rejects.toMatchObject(OUT_OF_REACH)
  expect(transport.requests).toEqual([])
})

test('a reader who has signed in releases as one who followed a link does, and needs no button', async () => {
  const { deps, item, transport, state } = await digestForAlice()
  await state.sql.updateTable('digest_digest').set({ canary_at: NOW }).execute()
  const visitor = asReader(ALICE)
  const opened = await openMessage(deps, visitor, item)
  expect(opened).toMatchObject({ needsButton: false, state: { is: 'waiting', offer: 'release' } })
  const { outcome } = await releaseForReader(deps, visitor, item, { ...REQUEST, pressed: false })
  expect(outcome).toEqual({ status: 'released', code: null, mayRetry: false })
  expect(transport.requests).toHaveLength(1)
})

test('one click takes eleven statements', async () => {
  const { deps, tokens, statements } = await digestForAlice()
  statements.length = 0
  const { visitor, subject } = await visitByLink(deps, 'release', tokens.release)
  expect(await releaseForReader(deps, visitor, subject, REQUEST)).toMatchObject({
    outcome: { status: 'released' },
  })
  expect(countOf(statements)).toEqual({
    'select digest_item': 1,
    // The state before the click.
    'select digest_release': 1,
    'select digest_preference': 1,
    // Whether a machine reads the digests.
    'select digest_digest': 1,
    // Once for the page, and once beside the claim, for what amavisd is told.
    'select msgs': 2,
    'insert digest_release': 1,
    // Asked, and answered.
    'update digest_release': 2,
    'update msgrcpt': 1,
    'insert digest_audit': 1,
  })
})

/** How often each table is read or written. */
function countOf(statements: readonly string[]): Record<string, number> {
  const count: Record<string, number> = {}
  for (const sql of statements) {
    const verb = sql.split(' ', 1)[0] ?? ''
    const table = /(?:from|into|update) "(\w+)"/.exec(sql)?.[1] ?? ''
    count[`${verb} ${table}`] = (count[`${verb} ${table}`] ?? 0) + 1
  }
  return count
}

async function digestForAlice() {
  const program = await embeddedProgram()
  const { deps, storage } = program
  await hold(storage, { recipient: ALICE, receivedAt: NOW - HOUR })
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  const [digest] = await program.rows('digest_digest')
  const [row] = await program.rows('digest_item')
  if (!digest || !row) throw new Error('there is no digest')
  const links = deps.urls.ofDigest({ digestId: digest.digest_id, reader: ALICE, createdAt: NOW }, NOW)
  const item = {
    itemId: row.item_id,
    recipient: row.recipient,
    reader: row.reader,
    mailAt: NOW - HOUR,
    kind: 'spam',
  } as const
  const tokens = {
    release: tokenOf(deps.urls.release(item, NOW, NOW).url),
    preferences: tokenOf(links.preferences),
  }
  const { subject } = await visitByLink(deps, 'release', tokens.release)
  return { ...program, tokens, item: subject }
}

const tokenOf = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? ''
