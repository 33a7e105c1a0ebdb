import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SECOND } from '../../../../src/ground/durations.ts'
import type { Viewer } from '../../../../src/rules/reach/viewer.ts'
import { asReader } from '../../../../src/rules/reach/visitor.ts'
import { parseSearch } from '../../../../src/rules/search/parse-search.ts'
import { ORDERS } from '../../../../src/rules/search/search.ts'
import { heldIdOf } from '../../../../src/work/collect/item-id.ts'
import type { HeldList, HeldListRequest } from '../../../../src/work/quarantine/held-list.ts'
import { listHeld } from '../../../../src/work/quarantine/list/list-held.ts'
import { type Random, seededRandom } from '../../../chaos/random.ts'
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../../embedded/database.ts'
import { directoryWith } from '../../../embedded/directory.ts'
import { hold } from '../../../embedded/held-mail.ts'

/** Lists of small random quarantines, each compared with the same list made by looking at every row. */

const NOW = Date.parse('2026-03-11T12:00:00Z')
/** More than one step of a list looks at. */
const MESSAGES = 600
const SEEDS = [1, 2, 3]
const LISTS = 40

/** Everything that a list may depend on, of a message for one recipient. */
interface Row {
  readonly partitionTag: number
  readonly mailId: string
  readonly rseqnum: number
  readonly receivedAt: number
  readonly recipient: string
  readonly sender: string
  readonly from: string
  readonly subject: string
  readonly size: number
  readonly score: number | null
  readonly content: string
  readonly messageContent: string | null
  readonly quarType: string
  readonly ds: string
  readonly rs: string
  readonly release: 'released' | 'failed' | undefined
}

const SUBJECTS = [
  'Your order',
  'ORDER 66',
  'Ärger',
  'ÄRGER',
  '50%_off',
  'Zebra',
  '',
  'ｏｒｄｅｒ',
  'or\u200Bder',
]
const SENDERS = ['ann@shop.example', 'Ann@Shop.example', 'bob@mailer.example', '']
const FROMS = ['Ann <ann@shop.example>', '"Zoë" <zoe@other.example>', 'bob@mailer.example', '']
const RECIPIENTS = [
  ...['alice@example.com', 'Alice@example.com', 'ALICE@example.com', 'sales@example.com'],
  ...['dave@elsewhere.example', 'carol@example.com', 'erin@sub.elsewhere.example', 'no address'],
]
const ALICES = ['alice@example.com', 'sales@example.com']

function rowsOf(random: Random): Row[] {
  return Array.from({ length: MESSAGES }, (_, index) => {
    const message = {
      partitionTag: random.between(0, 2),
      // Two partitions may have one mail id.
      mailId: `mail${index % 400}`,
      // Several come in one second.
      receivedAt: NOW - random.between(0, 60) * SECOND,
      sender: random.pick(SENDERS),
      from: random.pick(FROMS),
      subject: random.pick(SUBJECTS),
      size: random.pick([500, 2000, 2000, 90_000]),
      messageContent: random.weighted<string | null>([
        [9, 'S'],
        [1, null],
      ]),
      quarType: random.weighted([
        [9, 'Q'],
        [1, ' '],
      ]),
    }
    if (index >= 400) message.partitionTag += 3
    return Array.from({ length: random.between(1, 4) }, (__, nth) => ({
      ...message,
      rseqnum: nth + 1,
      recipient: random.pick(RECIPIENTS),
      score: random.pick([null, 0, 5, 5.5, 12]),
      content: random.pick(['S', 'Y', 'V', 'B', ' ', 'M']),
      ds: random.weighted([
        [5, 'D'],
        [1, 'P'],
      ]),
      rs: random.pick([' ', ' ', ' ', 'V', 'v', 'R', 'p', 'D', 'S']),
      release: random.weighted<Row['release']>([
        [8, undefined],
        [1, 'released'],
        [1, 'failed'],
      ]),
    }))
  }).flat()
}

const stateOf = ({ rs, release }: Row) => {
  // What another tool has learned from is in no list.
  if (release === 'released' && rs !== 'D' && rs !== 'S') return 'released'
  return { ' ': 'held', V: 'held', v: 'held', R: 'released', p: 'requested', D: 'deleted' }[rs]
}

const kindOf = ({ content, messageContent }: Row) =>
  ({ S: 'spam', Y: 'spam', V: 'virus', B: 'banned', M: 'badHeader' })[
    content.trim() || (messageContent ?? '')
  ]

const plain = (text: string) => text.normalize('NFKC').replaceAll('\u200B', '').toLowerCase()
const has = (text: string, part: string) => plain(text).includes(part)
const scoreOf = ({ score }: Row) => score || null

/** Conditions of the search box, and what they mean. */
const CONDITIONS: readonly (readonly [text: string, holds: (row: Row) => boolean])[] = [
  ['order', row => has(row.subject, 'order') || has(row.from, 'order') || has(row.sender, 'order')],
  ['subject:ärger', row => has(row.subject, 'ärger')],
  ['-subject:order', row => !has(row.subject, 'order')],
  ['subject:=""', row => row.subject === ''],
  ['subject:%', row => row.subject.includes('%')],
  ['subject:_', row => row.subject.includes('_')],
  ['from:ann', row => has(row.from, 'ann') || has(row.sender, 'ann')],
  [
    'from:ann@shop.example',
    row => has(row.from, 'ann@shop.example') || plain(row.sender) === 'ann@shop.example',
  ],
  ['to:alice', row => has(row.recipient, 'alice')],
  ['to:alice@example.com', row => plain(row.recipient) === 'alice@example.com'],
  ['-to:elsewhere', row => !has(row.recipient, 'elsewhere')],
  ['id:mail7', row => row.mailId === 'mail7'],
  ['id:mail1*', row => row.mailId.startsWith('mail1')],
  ['type:spam', row => kindOf(row) === 'spam'],
  ['type:virus,banned', row => kindOf(row) === 'virus' || kindOf(row) === 'banned'],
  ['-type:spam', row => kindOf(row) !== 'spam'],
  ['score:5..9', row => scoreOf(row) !== null && Number(row.score) >= 5 && Number(row.score) <= 9],
  ['-score:>5', row => scoreOf(row) !== null && Number(row.score) <= 5],
  ['size:>1k', row => row.size > 1024],
  ['after:2026-03-11T11:59:45Z', row => row.receivedAt >= Date.parse('2026-03-11T11:59:45Z')],
  ['before:2026-03-11T11:59:50Z', row => row.receivedAt < Date.parse('2026-03-11T11:59:50Z')],
]

/** Of two kinds in a search, either will do. */
function isOneType(): (condition: (typeof CONDITIONS)[number]) => boolean {
  let types = 0
  return ([text]) => !/^-?type:/.test(text) || ++types === 1
}

const STATES: typeof CONDITIONS = [
  ['', row => ['held', 'requested'].includes(stateOf(row) ?? '')],
  ['is:held', row => stateOf(row) === 'held'],
  ['is:released', row => stateOf(row) === 'released'],
  ['is:deleted', row => stateOf(row) === 'deleted'],
  ['is:requested is:deleted', row => ['requested', 'deleted'].includes(stateOf(row) ?? '')],
  ['-is:requested', row => stateOf(row) === 'held'],
  ['is:unread', row => stateOf(row) === 'held' && row.rs === ' '],
  ['-is:unread', row => stateOf(row) === 'requested' || (stateOf(row) === 'held' && row.rs !== ' ')],
]

const isHers = ({ recipient }: Row) => ALICES.includes(plain(recipient))

const VIEWERS: readonly (readonly [viewer: Viewer, maySee: (row: Row) => boolean])[] = [
  [admin(undefined), () => true],
  [
    admin(['elsewhere.example', 'nobody.example']),
    ({ recipient }) => recipient.endsWith('@elsewhere.example'),
  ],
  [
    {
      as: 'reader',
      visitor: asReader('alice@example.com'),
      actor: { kind: 'reader', name: 'alice@example.com', remoteAddress: null },
    },
    isHers,
  ],
]

function admin(reach: readonly string[] | undefined): Viewer {
  return { as: 'admin', actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach, may: ['read'] }
}

const keyOf = (row: Pick<Row, 'partitionTag' | 'mailId' | 'rseqnum'>) =>
  `${row.partitionTag}.${row.mailId}.${row.rseqnum}`

type Asked = Pick<HeldListRequest, 'order' | 'direction'> & { readonly viewer: Viewer }

/** The lines of a list, each as the keys of its rows. */
function expectedLines(rows: readonly Row[], { viewer, order, direction }: Asked): string[] {
  const sorted = [...rows].sort(newest)
  const lines =
    viewer.as === 'admin'
      ? [...Map.groupBy(sorted, row => `${row.partitionTag}/${row.mailId}`).values()]
      : sorted.map(row => [row])
  const sign = direction === 'ascending' ? 1 : -1
  const kinds = ['virus', 'banned', 'unchecked', 'spam', 'badHeader']
  const values = {
    date: (row: Row) => row.receivedAt,
    score: (row: Row) => scoreOf(row) ?? -1000,
    sender: (row: Row) => plain(row.from || row.sender).replace(/^"/, ''),
    subject: (row: Row) => plain(row.subject),
    size: (row: Row) => row.size,
    type: (row: Row) => kinds.indexOf(kindOf(row) ?? ''),
  }
  const value = values[order]
  const compare = ([a]: readonly Row[], [b]: readonly Row[]) =>
    a && b ? (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : newest(a, b)) : 0
  return lines.sort(compare).map(line => line.map(keyOf).join(' '))
}

const newest = (a: Row, b: Row) =>
  b.receivedAt - a.receivedAt ||
  b.partitionTag - a.partitionTag ||
  (a.mailId === b.mailId ? a.rseqnum - b.rseqnum : a.mailId < b.mailId ? 1 : -1)

const folder = mkdtempSync(join(tmpdir(), 'any-list-'))
let database: EmbeddedDatabase
beforeAll(async () => {
  database = await openEmbeddedDatabase(folder)
})
afterAll(async () => {
  await database?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function store(rows: readonly Row[]): Promise<void> {
  for (const table of ['msgs', 'msgrcpt', 'maddr'] as const)
    await database.storage.sql.deleteFrom(table).execute()
  for (const table of ['digest_release', 'digest_answer'] as const)
    await database.state.sql.deleteFrom(table).execute()
  await hold(database.storage, ...rows)
  const releases = rows.flatMap(row => {
    const id = heldIdOf({ ...row, timeNum: row.receivedAt / SECOND })
    // `rs` is set at once or, after a failure, later.
    const isMarked = row.release !== 'released' || row.rs === 'R' || row.rs === 'D'
    return row.release ? [{ id, state: row.release, nextAttemptAt: isMarked ? null : NOW }] : []
  })
  await database.state.sql
    .insertInto('digest_release')
    .values(
      releases.map(({ id, state, nextAttemptAt }) => ({
        ...{ item_id: id, asked_item: null, state, claim_id: id, requested_by: 'r', asked_by: 'r' },
        ...{
          requested_at: NOW,
          lease_until: NOW,
          attempts: 1,
          next_attempt_at: nextAttemptAt,
          finished_at: NOW,
        },
        ...{ code: null, reply: null },
      })),
    )
    .execute()
  const answer = { readers: [{ address: 'alice@example.com', isOff: false }], by: [] }
  await database.state.sql
    .insertInto('digest_answer')
    .values({
      address: 'sales@example.com',
      source: 'any',
      answer: JSON.stringify(answer),
      asked_at: NOW,
    })
    .execute()
}

interface Listing {
  readonly lines: readonly string[]
  /** Not all was put in order at once. */
  readonly isCut: boolean
}

/** All lines of all pages. */
async function allLines(asked: Asked, search: string, random: Random): Promise<Listing> {
  const limit = random.between(5, 100)
  // Each look at the clock takes a while, so that some pages stop before they are full.
  const step = random.pick([0, 0, 40])
  const lines: string[] = []
  let isCut = false
  let [now, after, page] = [NOW, undefined as string | undefined, undefined as HeldList | undefined]
  do {
    page = await listHeld(
      {
        storage: database.storage.sql,
        state: database.state,
        directory: directoryWith({ 'sales@example.com': ['alice@example.com'] }),
        clock: () => (now += step),
      },
      asked.viewer,
      {
        ...{ order: asked.order, direction: asked.direction, limit, after },
        search: parseSearch(search, { now: NOW, timeZone: 'UTC' }),
      },
    )
    lines.push(...page.messages.map(({ recipients }) => recipients.map(({ ref }) => ref).join(' ')))
    // Older mail of a sender comes before mail that only says so.
    isCut ||= page.isCut || (page.lookedBackTo !== undefined && search.includes('from:ann@'))
    after = page.next
  } while (after !== undefined && lines.length < 5000)
  return { lines, isCut }
}

test.each(SEEDS)('any list has what every row says, once and in order (%i)', async seed => {
  const random = seededRandom(seed)
  const rows = rowsOf(random)
  await store(rows)
  for (let nth = 0; nth < LISTS; nth += 1) {
    const [viewer, maySee] = random.pick(VIEWERS)
    const conditions = [
      random.pick(STATES),
      ...Array.from({ length: random.between(0, 2) }, () => random.pick(CONDITIONS)),
    ].filter(isOneType())
    const search = conditions.map(([text]) => text).join(' ')
    const asked: Asked = {
      viewer,
      order: random.pick(ORDERS),
      direction: random.pick(['ascending', 'descending'] as const),
    }
    const wanted = rows.filter(
      row =>
        row.ds !== 'P' &&
        row.messageContent !== null &&
        row.quarType !== ' ' &&
        maySee(row) &&
        conditions.every(([, holds]) => holds(row)),
    )
    const { lines, isCut } = await allLines(asked, search, random)
    const expected = expectedLines(wanted, asked)
    const inOrder = (list: readonly string[]) => (isCut ? [...list].sort() : list)
    expect({ search, ...asked, lines: inOrder(lines) }).toEqual({
      search,
      ...asked,
      lines: inOrder(expected),
    })
  }
})
