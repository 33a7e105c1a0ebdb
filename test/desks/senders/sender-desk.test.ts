import { pino } from 'pino'
import { expect, test } from 'vitest'
import { type SenderDesk, senderDesk } from '../../../src/desks/senders/sender-desk.ts'
import type { HeldMailKey } from '../../../src/ground/amavis/held-mail.ts'
import { DAY, HOUR, SECOND } from '../../../src/ground/durations.ts'
import { CodedError } from '../../../src/ground/errors.ts'
import type { Viewer } from '../../../src/rules/reach/viewer.ts'
import { heldRefOf } from '../../../src/work/collect/held-ref.ts'
import { heldIdOf } from '../../../src/work/collect/item-id.ts'
import { NOW } from '../../embedded/clock.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { type HeldMailSpec, hold } from '../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'
import { storeText } from '../../embedded/quarantine.ts'
import { type ListsInMemory, listsInMemory } from '../../embedded/sender-lists.ts'
import { adminOf, byLink, signedIn } from '../../embedded/viewers.ts'

const ALICE = 'alice@example.com'
const SALES = 'sales@example.com'
const BOB = 'bob@other.example'
const SAM = 'sam@sender.example.net'

/** Alice reads her own mail and that to sales; Bob his own. */
const OFFICE = directoryWith({
  [SALES]: [ALICE],
  'dora@example.com': [{ address: 'dora@example.com', isOff: true }],
})

const { visitor: helpless, ...helpDesk } = signedIn(ALICE)

const VIEWERS: Readonly<Record<string, Viewer>> = {
  'a reader': signedIn(ALICE),
  'a reader of another domain': signedIn(BOB),
  'somebody who is switched off': signedIn('dora@example.com'),
  'a link': byLink(ALICE, 'any'),
  'somebody of the help desk': {
    ...helpDesk,
    visitor: { ...helpless, by: 'helpDesk', may: ['read', 'release'] },
  },
  'an admin of the domain': adminOf('example.com'),
  'an admin of another domain': adminOf('other.example'),
  'an admin who may only read': { ...adminOf(), may: ['read'] },
  'an admin of all domains': adminOf(),
}

/** Who keeps the lists of whom. Nobody else does. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  [ALICE]: ['a reader', 'an admin of the domain', 'an admin of all domains'],
  [SALES]: ['a reader', 'an admin of the domain', 'an admin of all domains'],
  [BOB]: ['a reader of another domain', 'an admin of another domain', 'an admin of all domains'],
  'dora@example.com': ['an admin of the domain', 'an admin of all domains'],
  'nobody@nowhere.example': ['an admin of all domains'],
  '@example.com': ['an admin of the domain', 'an admin of all domains'],
  '@.': ['an admin of all domains'],
  '@.example.com': [],
  'no address': [],
}

const ACTS: Readonly<Record<string, (desk: SenderDesk, viewer: Viewer, owner: string) => Promise<unknown>>> =
  {
    'reads the lists': (desk, viewer, owner) => desk.lists(viewer, owner),
    allows: (desk, viewer, owner) => desk.set(viewer, owner, { sender: SAM, list: 'allow' }),
    blocks: (desk, viewer, owner) => desk.set(viewer, owner, { sender: SAM, list: 'block' }),
    removes: (desk, viewer, owner) => desk.remove(viewer, owner, SAM),
    'asks what it would do': (desk, viewer, owner) =>
      desk.effect(viewer, owner, { sender: SAM, list: 'allow' }),
  }

test('nobody keeps lists beyond what is theirs: roles × acts × owners', async () => {
  const { desk, lists } = await desked()
  for (const [role, viewer] of Object.entries(VIEWERS)) {
    for (const [act, attempt] of Object.entries(ACTS)) {
      for (const [owner, keepers] of Object.entries(KEPT)) {
        const before = JSON.stringify([...lists.entries])
        const outcome = await attempt(desk, viewer, owner).then(
          () => 'done',
          ({ code }) => code,
        )
        expect([role, act, owner, outcome]).toEqual([
          role,
          act,
          owner,
          keepers.includes(role) ? 'done' : 'OUT_OF_REACH',
        ])
        if (outcome !== 'done') expect(JSON.stringify([...lists.entries])).toBe(before)
      }
    }
  }
})

test('each attempt is in the audit with owner, sender, who and from where, also one that failed', async () => {
  const { desk, lists, rows } = await desked()
  await desk.set(signedIn(ALICE), SALES, { sender: ' Bob@Shop.Example ', list: 'allow' })
  await desk.set(signedIn(ALICE), SALES, { sender: 'bob@shop.example', list: 'block' })
  await desk.remove(adminOf(), SALES, 'bob@shop.example')
  lists.fault = new CodedError('SENDERS_UNREACHABLE', 'away')
  await expect(desk.set(signedIn(ALICE), ALICE, { sender: SAM, list: 'allow' })).rejects.toThrow('away')
  await expect(desk.set(signedIn(ALICE), BOB, { sender: SAM, list: 'allow' })).rejects.toThrow()
  const audit = await rows('digest_audit')
  expect(
    audit.map(row => [
      row.actor,
      row.remote_address,
      row.action,
      row.recipient,
      row.reader,
      row.detail,
      row.outcome,
    ]),
  ).toEqual([
    [ALICE, '192.0.2.7', 'sender-allow', SALES, ALICE, 'bob@shop.example', 'done'],
    [ALICE, '192.0.2.7', 'sender-block', SALES, ALICE, 'bob@shop.example, was on the other list', 'done'],
    ['root@example.com', '192.0.2.1', 'sender-remove', SALES, SALES, 'bob@shop.example', 'done'],
    [ALICE, '192.0.2.7', 'sender-allow', ALICE, ALICE, SAM, 'SENDERS_UNREACHABLE'],
    [ALICE, '192.0.2.7', 'sender-allow', BOB, ALICE, SAM, 'OUT_OF_REACH'],
  ])
})

test('why an entry was refused is in the log, where the page sends its reader’s admin', async () => {
  const told: string[] = []
  const log = pino({}, { write: line => void told.push(line) })
  const { desk, lists } = await desked({ log })
  lists.fault = new CodedError('SENDERS_REFUSED', 'the session has no rights to mail_spamfilter_wblist')
  await expect(desk.set(signedIn(ALICE), ALICE, { sender: SAM, list: 'allow' })).rejects.toThrow()
  await expect(desk.set(signedIn(ALICE), ALICE, { sender: '@.', list: 'allow' })).rejects.toThrow()
  expect(told).toHaveLength(1)
  expect(told[0]).toContain('no rights to mail_spamfilter_wblist')
})

test.each([
  '*@x.example',
  'x.example',
  '@.',
  'alice@example.com',
  '@example.com',
  '@gmail.com',
  `${'x'.repeat(300)}@x.example`,
])('an entry that never matches, or would let strangers in, is refused: %s', async sender => {
  const { desk, lists } = await desked()
  const entry = { sender, list: 'allow' } as const
  await expect(desk.set(signedIn(ALICE), ALICE, entry)).rejects.toMatchObject({ code: 'SENDER_INVALID' })
  await expect(desk.effect(signedIn(ALICE), ALICE, entry)).rejects.toMatchObject({ code: 'SENDER_INVALID' })
  expect(lists.entries.size).toBe(0)
})

test('an owner has no more entries than senders.most; changing one of them is possible', async () => {
  const { desk } = await desked({ mostEntries: 2 })
  const set = (sender: string, list: 'allow' | 'block') => desk.set(signedIn(ALICE), ALICE, { sender, list })
  await set('a@x.example', 'allow')
  await set('b@x.example', 'allow')
  await expect(set('c@x.example', 'allow')).rejects.toMatchObject({ code: 'SENDER_INVALID' })
  expect(await set('b@x.example', 'block')).toMatchObject({ former: 'allow', entry: { list: 'block' } })
})

test('without lists, or where readers keep none, nothing is offered', async () => {
  const none = await desked({ senderLists: undefined })
  expect(none.desk.mayUse(adminOf())).toBe(false)
  await expect(none.desk.lists(adminOf(), ALICE)).rejects.toMatchObject({ code: 'SENDERS_OFF' })
  const admins = await desked({ readersKeepLists: false })
  expect(admins.desk.mayUse(signedIn(ALICE))).toBe(false)
  expect(admins.desk.mayUse(adminOf())).toBe(true)
  await expect(admins.desk.lists(signedIn(ALICE), ALICE)).rejects.toMatchObject({ code: 'SENDERS_OFF' })
  expect(await admins.desk.ownersOf(signedIn(ALICE))).toEqual([])
})

test('a link changes the lists for the sender of its own message, and only by a button', async () => {
  const { desk, lists, keys } = await desked(
    {},
    { recipient: SALES },
    { recipient: ALICE, sender: 'x@y.example' },
  )
  const [own, other] = keys
  const viewer = byLink(ALICE, own.heldId)
  const wish = { list: 'allow', wide: false } as const
  await expect(desk.setOf(viewer, own.ref, wish)).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED' })
  await expect(desk.setOf(viewer, other?.ref ?? '', { ...wish, pressed: true })).rejects.toMatchObject({
    code: 'HELD_UNKNOWN',
  })
  expect(lists.entries.size).toBe(0)
  expect(await desk.setOf(viewer, own.ref, { ...wish, pressed: true })).toMatchObject({
    owner: SALES,
    entry: { sender: SAM, list: 'allow' },
  })
  expect(await desk.ownersOf(viewer)).toEqual([])
  expect(await desk.removeOf(viewer, own.ref, { wide: false, pressed: true })).toBe(SAM)
  const copy = { ...viewer, visitor: { ...viewer.visitor, may: ['read', 'release'] as const } }
  await expect(desk.setOf(copy, own.ref, { ...wish, pressed: true })).rejects.toMatchObject({
    code: 'OUT_OF_REACH',
  })
})

test.each([
  ['a reader of another domain', 'HELD_UNKNOWN'],
  ['an admin of another domain', 'HELD_UNKNOWN'],
  ['an admin who may only read', 'OUT_OF_REACH'],
])('%s can offer and change nothing beside a message of others', async (role, code) => {
  const { desk, lists, keys } = await desked({}, { recipient: ALICE })
  const viewer = VIEWERS[role] ?? signedIn(ALICE)
  const wish = { list: 'block', wide: false, pressed: true } as const
  await expect(desk.offer(viewer, keys[0].ref)).rejects.toMatchObject({ code })
  await expect(desk.setOf(viewer, keys[0].ref, wish)).rejects.toMatchObject({ code })
  expect(lists.entries.size).toBe(0)
})

test('the offer names the sender, its domain only where it may be, and what else would have come', async () => {
  const old = { recipient: ALICE, receivedAt: NOW - 31 * DAY }
  const { desk, keys } = await desked(
    {},
    { recipient: ALICE },
    { recipient: ALICE, rs: 'D' },
    { recipient: ALICE, sender: 'bounce+1@mailer.example' },
    { recipient: ALICE, content: 'B' },
    { recipient: SALES },
    old,
    { recipient: ALICE, sender: 'other@y.example', from: 'other@y.example' },
    { recipient: ALICE, sender: 'x@gmail.com', from: 'Friend <x@gmail.com>' },
    { recipient: ALICE, sender: 'boss@example.com', from: 'Boss <boss@example.com>' },
    { recipient: ALICE, sender: '', from: null },
  )
  expect(await desk.offer(signedIn(ALICE), keys[0].ref)).toEqual({
    address: SAM,
    domain: '@sender.example.net',
    owner: ALICE,
    present: undefined,
    presentDomain: undefined,
    cautions: ['forgeable'],
    effect: { count: 2, isAtLeast: false },
  })
  const offers = keys.slice(7).map(async ({ ref }) => desk.offer(signedIn(ALICE), ref))
  expect((await Promise.all(offers)).map(({ address, domain }) => [address, domain])).toEqual([
    ['x@gmail.com', undefined],
    ['boss@example.com', undefined],
    [undefined, undefined],
  ])
  await expect(
    desk.setOf(signedIn(ALICE), keys[7]?.ref ?? '', { list: 'allow', wide: true }),
  ).rejects.toMatchObject({ code: 'SENDER_INVALID' })
})

test('an entry for a domain counts all mail of the domain, for an owner, their domain and everybody', async () => {
  const { desk } = await desked({}, { recipient: ALICE }, { recipient: SALES }, { recipient: BOB })
  const effect = (owner: string, sender: string) => desk.effect(adminOf(), owner, { sender, list: 'allow' })
  expect(await effect(ALICE, '@sender.example.net')).toEqual({ count: 1, isAtLeast: false })
  expect(await effect('@example.com', '@.example.net')).toEqual({ count: 2, isAtLeast: false })
  expect(await effect('@.', SAM)).toEqual({ count: 3, isAtLeast: false })
  expect(await effect('@.', '@example.net')).toEqual({ count: 0, isAtLeast: false })
})

test('what speaks against an entry: failed proof above amavisd’s Received alone, other reasons, ignored lists', async () => {
  const { desk, keys, lists, storage } = await desked(
    {},
    { recipient: ALICE, content: 'B' },
    { recipient: ALICE },
  )
  const [banned, spam] = keys
  await storeText(storage, banned.key, 'X-Spam-Status: Yes, tests=[SPF_FAIL=1]\n\nHello', [
    'X-Spam-Status: Yes, score=8 tests=[DKIM_INVALID=0.1, SPF_FAIL=3]',
  ])
  lists.standing = 'inherits'
  expect((await desk.offer(signedIn(ALICE), banned.ref)).cautions).toEqual([
    'ignored',
    'authentication',
    'forgeable',
    'not-spam',
  ])
  if (!spam) throw new Error('there is no second message')
  await storeText(storage, spam.key, 'Authentication-Results: x; spf=fail\n\nHello')
  lists.standing = 'follows'
  expect((await desk.offer(signedIn(ALICE), spam.ref)).cautions).toEqual(['forgeable'])
  const blocked = await desk.setOf(signedIn(ALICE), banned.ref, { list: 'block', wide: false })
  expect(blocked.cautions).toEqual([])
  // While the lists are away, the message can be looked at all the same.
  lists.fault = new CodedError('SENDERS_UNREACHABLE', 'away')
  expect(await desk.offer(signedIn(ALICE), spam.ref)).toMatchObject({ address: SAM, present: undefined })
})

test('mail to an address with an extension is about the lists of the address without it, if that is theirs too', async () => {
  const { desk, keys } = await desked(
    { recipientDelimiter: '+' },
    { recipient: 'alice+shop@example.com' },
    { recipient: 'carol+list@example.com' },
  )
  const admin = adminOf('example.com')
  expect(await desk.offer(admin, keys[0].ref)).toMatchObject({ owner: ALICE })
  const lent = directoryWith({ 'carol+list@example.com': [ALICE] })
  const ofAlice = await desked(
    { recipientDelimiter: '+', directory: lent },
    { recipient: 'carol+list@example.com' },
  )
  expect(await ofAlice.desk.offer(signedIn(ALICE), ofAlice.keys[0].ref)).toMatchObject({
    owner: 'carol+list@example.com',
  })
})

interface Message {
  readonly key: HeldMailKey
  readonly ref: string
  readonly heldId: string
}

async function desked(
  options: Partial<Parameters<typeof senderDesk>[0]> = {},
  ...mails: readonly Partial<HeldMailSpec>[]
): Promise<
  EmbeddedProgram & {
    readonly desk: SenderDesk
    readonly lists: ListsInMemory
    readonly keys: readonly [Message, ...Message[]]
  }
> {
  const program = await embeddedProgram()
  const lists = listsInMemory()
  const specs = mails.map(mail => ({ recipient: ALICE, receivedAt: NOW - HOUR, ...mail }))
  const held = await hold(program.storage, ...specs)
  const keys = held.map((key, index) => ({
    key,
    ref: heldRefOf(key),
    heldId: heldIdOf({ ...key, timeNum: (specs[index]?.receivedAt ?? 0) / SECOND }),
  }))
  const desk = senderDesk({
    ...program.deps,
    directory: OFFICE,
    senderLists: lists,
    readersKeepLists: true,
    ownDomains: [],
    mostEntries: 1000,
    recipientDelimiter: '',
    ...options,
  })
  return { ...program, desk, lists, keys: keys as unknown as readonly [Message, ...Message[]] }
}
