import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../../src/ground/durations.ts'
import type { Viewer } from '../../../../src/rules/reach/viewer.ts'
import { asReader } from '../../../../src/rules/reach/visitor.ts'
import { parseSearch } from '../../../../src/rules/search/parse-search.ts'
import type { HeldListRequest } from '../../../../src/work/quarantine/held-list.ts'
import { listHeld } from '../../../../src/work/quarantine/list/list-held.ts'
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../../embedded/database.ts'
import { directoryWith } from '../../../embedded/directory.ts'
import { hold } from '../../../embedded/held-mail.ts'

const NOW = Date.parse('2026-03-11T12:00:00Z')

let database: EmbeddedDatabase
let deps: Parameters<typeof listHeld>[0]

const reader = (address: string): Viewer => ({
  as: 'reader',
  visitor: asReader(address),
  actor: { kind: 'reader', name: address, remoteAddress: null },
})
const ALICE = reader('alice@example.com')
const ADMIN: Viewer = {
  as: 'admin',
  actor: { kind: 'admin', name: 'root', remoteAddress: null },
  reach: undefined,
  may: ['read'],
}

const list = (viewer: Viewer, search = '', request: Partial<HeldListRequest> = {}) =>
  listHeld(deps, viewer, {
    search: parseSearch(search, { now: NOW, timeZone: 'UTC' }),
    order: 'date',
    direction: 'descending',
    limit: 25,
    ...request,
  })
const subjects = async (...asked: Parameters<typeof list>) =>
  (await list(...asked)).messages.map(({ recipients }) => recipients[0]?.subject)

const folder = mkdtempSync(join(tmpdir(), 'list-held-'))

const at = (ago: number) => ({ recipient: 'alice@example.com', receivedAt: NOW - ago })

beforeAll(async () => {
  database = await openEmbeddedDatabase(folder)
  deps = {
    storage: database.storage.sql,
    state: database.state,
    directory: directoryWith({
      'sales@example.com': ['alice@example.com', 'bob@example.com'],
      'former@example.com': ['carol@example.com'],
    }),
    clock: () => NOW,
  }
  await hold(
    database.storage,
    { ...at(1 * MINUTE), subject: 'Newest', score: 7.5, partitionTag: 3 },
    {
      ...at(2 * MINUTE),
      subject: 'ÄRGER mit 100%_',
      from: 'Zoë <zoe@shop.example>',
      sender: 'bounce@mailer.example',
    },
    { ...at(3 * MINUTE), subject: 'Virus', content: 'V', score: null, rs: 'V' },
    { ...at(4 * MINUTE), subject: 'Requested', rs: 'p' },
    { ...at(5 * MINUTE), subject: 'Released', rs: 'R' },
    { ...at(6 * MINUTE), subject: 'Deleted', rs: 'D' },
    { ...at(7 * MINUTE), subject: 'Learned', rs: 'S' },
    { ...at(8 * MINUTE), subject: 'Delivered', ds: 'P' },
    { ...at(9 * MINUTE), subject: 'Unfinished', messageContent: null },
    { ...at(10 * MINUTE), subject: 'Not kept', quarType: ' ' },
    { ...at(11 * MINUTE), recipient: 'Alice@example.com', subject: 'Capital', partitionTag: 4 },
    { ...at(12 * MINUTE), recipient: 'dave@elsewhere.example', subject: "Dave's", mailId: 'daves-mail-1' },
    ...['alice@example.com', 'dave@elsewhere.example', 'sales@example.com'].map((recipient, index) => ({
      ...at(13 * MINUTE),
      recipient,
      rseqnum: index + 1,
      mailId: 'toseveral123',
      subject: 'To several',
      score: 20,
    })),
    { ...at(20 * DAY), subject: 'Old', mailId: 'old-mail-id1' },
    { ...at(21 * DAY), subject: QUOTES },
  )
  await database.state.sql
    .insertInto('digest_answer')
    .values(
      ['sales@example.com', 'former@example.com'].map(address => ({
        address,
        source: 'any',
        answer: JSON.stringify({
          readers: ['alice@example.com', 'bob@example.com'].map(reader => ({
            address: reader,
            isOff: false,
          })),
          by: [],
        }),
        asked_at: NOW,
      })),
    )
    .execute()
})
afterAll(async () => {
  await database?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Older than what is listed without a search. */
const QUOTES = `a "b" c'd' עברית مرحبا`

const HERS = ['Newest', 'ÄRGER mit 100%_', 'Virus', 'Requested', 'Capital', 'To several', 'To several']

test('a reader sees what is held or requested for the addresses that they read, the newest first', async () => {
  const { messages, window, next } = await list(ALICE)
  expect(messages.map(({ recipients }) => recipients[0]?.subject)).toEqual(HERS)
  expect(messages.slice(-2).map(({ recipients }) => recipients.map(({ recipient }) => recipient))).toEqual([
    ['alice@example.com'],
    ['sales@example.com'],
  ])
  expect(messages[0]?.recipients[0]).toMatchObject({
    ref: expect.stringMatching(/^3\.[\w-]{12}\.1$/),
    kind: 'spam',
    score: 7.5,
    state: 'held',
    isRead: false,
    receivedAt: NOW - MINUTE,
  })
  expect({ window, next }).toEqual({
    window: { from: NOW - 14 * DAY, to: NOW + 10 * MINUTE },
    next: undefined,
  })
  expect(await subjects(reader('bob@example.com'))).toEqual(['To several'])
  expect(await subjects(reader('former@example.com'))).toEqual([])
})

test('an admin sees a message to several once, and only the recipients in their domains', async () => {
  expect(await subjects(ADMIN)).toEqual([...HERS.slice(0, 5), "Dave's", 'To several'])
  const several = async (viewer: Viewer) =>
    (await list(viewer, 'id:toseveral123')).messages.map(({ recipients }) =>
      recipients.map(({ recipient }) => recipient),
    )
  expect(await several(ADMIN)).toEqual([['alice@example.com', 'dave@elsewhere.example', 'sales@example.com']])
  const ofDomain = { ...ADMIN, reach: ['elsewhere.example'] }
  expect(await several(ofDomain)).toEqual([['dave@elsewhere.example']])
  expect(await subjects(ofDomain)).toEqual(["Dave's", 'To several'])
  expect(await subjects({ ...ADMIN, reach: ['other.example'] }, 'id:daves-mail-1')).toEqual([])
})

describe('a search finds', () => {
  test.each([
    ['ärger', ['ÄRGER mit 100%_']],
    ['100%_', ['ÄRGER mit 100%_']],
    ['%', ['ÄRGER mit 100%_']],
    ['_', ['ÄRGER mit 100%_']],
    ["dave's", []],
    ['"', HERS],
    [`after:30d c'd'`, [QUOTES]],
    [`after:30d '`, [QUOTES]],
    ['after:30d עברית', [QUOTES]],
    ['after:30d "עברית مرحبا"', [QUOTES]],
    ['after:30d \u202Eעברית', [QUOTES]],
    ['zoë', ['ÄRGER mit 100%_']],
    ['bounce@mailer', ['ÄRGER mit 100%_']],
    ['from:zoe@shop.example', ['ÄRGER mit 100%_']],
    ['from:bounce@mailer.example', ['ÄRGER mit 100%_']],
    ['from:=Zoë', ['ÄRGER mit 100%_']],
    ['subject:=newest', ['Newest']],
    ['subject:new*', ['Newest']],
    ['subject:*est', ['Newest']],
    ['subject:est*', []],
    ['type:virus', ['Virus']],
    ['-type:spam', ['Virus']],
    ['score:>10', ['To several', 'To several']],
    ['score:7.5 -subject:"to several" -from:zoe*', ['Newest', 'Requested', 'Capital']],
    ['is:released', ['Released']],
    ['is:deleted', ['Deleted']],
    ['is:requested', ['Requested']],
    ['is:held', HERS.filter(subject => subject !== 'Requested')],
    ['is:unread type:virus', []],
    ['-is:unread', ['Virus', 'Requested']],
    ['-is:held -is:requested', []],
    ['is:released is:deleted', ['Released', 'Deleted']],
    ['after:30d subject:old', ['Old']],
    ['id:old-mail-id1', ['Old']],
    ['id:old-mail-id1 after:7d', []],
    ['id:OLD-mail-id1', []],
    ['id:daves-mail-1', []],
    ['to:sales@example.com', ['To several']],
    ['size:>5000', []],
    ['size:4711', HERS],
    ['before:2026-03-11T11:50', ['Capital', 'To several', 'To several']],
  ])('%s', async (search, expected) => {
    expect(await subjects(ALICE, search)).toEqual(expected)
  })

  test.each([
    ['to:dave@elsewhere.example', ["Dave's", 'To several']],
    ['to:DAVE@elsewhere.example', ["Dave's", 'To several']],
    ['to:*elsewhere.example', ["Dave's", 'To several']],
    ['-to:alice', ["Dave's", 'To several']],
  ])('%s, for an admin', async (search, expected) => {
    expect(await subjects(ADMIN, search)).toEqual(expected)
  })
})

test.each([
  ['score', 'descending'],
  ['score', 'ascending'],
  ['sender', 'ascending'],
  ['subject', 'descending'],
  ['size', 'ascending'],
  ['type', 'descending'],
  ['date', 'ascending'],
  ['date', 'descending'],
] as const)('pages by %s, %s, together are the whole list', async (order, direction) => {
  for (const viewer of [ALICE, ADMIN]) {
    const whole = (await list(viewer, '', { order, direction })).messages
    expect(new Set(whole.map(message => message.recipients[0]?.ref)).size).toBe(7)
    const paged = []
    let after: string | undefined
    do {
      const page = await list(viewer, '', { order, direction, limit: 2, after })
      paged.push(...page.messages)
      after = page.next
    } while (after !== undefined)
    expect(paged).toEqual(whole)
  }
})

test.each(['', 'x', 'W10', 'bnVsbA'])('the cursor %j is refused', async after => {
  await expect(list(ALICE, '', { after })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('a cursor that somebody has written is refused where it leads out of its window, or a database could not compare it', async () => {
  const { next = '' } = await list(ALICE, '', { limit: 1 })
  const content = JSON.parse(Buffer.from(next, 'base64url').toString())
  const forged = (place: number, value: unknown) =>
    Buffer.from(JSON.stringify(content.with(place, value))).toString('base64url')
  const [, from, to] = content
  expect((await list(ALICE, '', { limit: 1, after: forged(3, [to / 1000]) })).messages).toHaveLength(1)
  for (const after of [
    forged(1, -1),
    forged(2, 1e15),
    forged(3, [from / 1000 - 2]),
    forged(3, [to / 1000 + 60]),
    forged(3, [to / 1000, 2 ** 40, 'x', 1]),
    forged(5, [0]),
    forged(7, 0),
  ])
    await expect(list(ALICE, '', { after })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('a cursor is refused for another search', async () => {
  const { next } = await list(ALICE, '', { limit: 1 })
  await expect(list(ALICE, 'newest', { after: next })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('mail from a machine whose clock is minutes ahead is listed', async () => {
  await hold(database.storage, {
    recipient: 'frank@example.com',
    receivedAt: NOW + 5 * MINUTE,
    subject: 'Ahead',
  })
  expect(await subjects(reader('frank@example.com'))).toEqual(['Ahead'])
})
