import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ForwardRow, MailboxRow } from '../../../../src/ground/directory/ispconfig/rows.ts'
import { NO_DOMAIN } from '../../../../src/ground/directory/ispconfig/rows.ts'
import { type LookUp, walk } from '../../../../src/ground/directory/ispconfig/walk.ts'

/** A few rows, as an admin would write them down. */
interface World {
  /** By domain: the domain whose addresses its own stand for. */
  readonly aliasDomains: Readonly<Record<string, string>>
  /** By domain. */
  readonly catchAlls: Readonly<Record<string, string>>
  readonly forwards: Readonly<Record<string, readonly string[]>>
  readonly mailboxes: Readonly<Record<string, SampleMailbox>>
}

interface SampleMailbox {
  readonly isOff: boolean
  readonly copies: readonly string[]
}

const LOCAL = ['a.example', 'b.example', 'c.example']
const DOMAINS = [...LOCAL, 'outside.example']
const OUTSIDE_READER = 'n0@outside.example'

const domain = fc.constantFrom(...DOMAINS)
const address = fc
  .tuple(fc.constantFrom('n0', 'n1', 'n2', 'n1+x', 'n2+x'), domain)
  .map(([local, at]) => `${local}@${at}`)
const localAddress = address.filter(text => !text.endsWith('@outside.example'))
const world: fc.Arbitrary<World> = fc.record({
  aliasDomains: fc.dictionary(fc.constantFrom(...LOCAL), domain, { maxKeys: 2 }),
  catchAlls: fc.dictionary(fc.constantFrom(...LOCAL), address, { maxKeys: 2 }),
  forwards: fc.dictionary(localAddress, fc.uniqueArray(address, { maxLength: 4 }), { maxKeys: 10 }),
  mailboxes: fc.dictionary(
    localAddress,
    fc.record({ isOff: fc.boolean(), copies: fc.uniqueArray(address, { maxLength: 2 }) }),
    { maxKeys: 8 },
  ),
})

test('finds the readers that a simple model finds, in any graph of aliases', async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.uniqueArray(address, { minLength: 1, maxLength: 8 }), async (rows, roots) => {
      const trails = await walk(roots, lookUpIn(rows), OPTIONS)
      expect([...trails.keys()]).toEqual(roots)
      for (const [root, { ends }] of trails) expect(new Set(ends.keys())).toEqual(readersByModel(rows, root))
    }),
    { numRuns: 1000 },
  )
})

test('explains each reader by steps that begin at the address that was asked for', async () => {
  await fc.assert(
    fc.asyncProperty(world, address, async (rows, root) => {
      const { ends, by } = await trailOf(rows, root)
      const reached = new Set([root])
      for (const { from, to } of by) {
        expect(reached).toContain(from)
        if (to !== null) reached.add(to)
      }
      for (const end of ends.keys()) expect(by.some(({ is, to }) => to === end && ENDS.has(is))).toBe(true)
    }),
  )
})

test('looks up each address once, in as many rounds as the longest chain has links', async () => {
  const rounds: string[][] = []
  const rows = worldWith({ forwards: { 'n0@a.example': ['n1@a.example'], 'n1@a.example': ['n2@a.example'] } })
  const lookUp: LookUp = async asked => {
    rounds.push(asked.toSorted())
    return lookUpIn(rows)(asked)
  }
  await walk(['n0@a.example', 'n1@a.example'], lookUp, OPTIONS)
  expect(rounds).toEqual([['n0@a.example', 'n1@a.example'], ['n2@a.example']])
})

test('says where a loop closes, and calls no loop what two ways lead to', async () => {
  const rows = worldWith({
    forwards: {
      'n0@a.example': ['n1@a.example', 'n2@a.example'],
      'n1@a.example': ['n2@a.example'],
      'n2@a.example': ['n1@b.example'],
      'n1@b.example': ['n1@b.example', 'n0@a.example'],
    },
    mailboxes: { 'n1@b.example': { isOff: false, copies: [] } },
  })
  const { by } = await trailOf(rows, 'n0@a.example')
  expect(by.filter(({ is }) => is === 'loop')).toEqual([
    { is: 'loop', from: 'n0@a.example', to: null, row: null },
  ])
})

test('gives no reader to an address that leads to more than a thousand, over however many links', async () => {
  const wide = (count: number, to: string) =>
    Array.from({ length: count }, (_, index) => `${to}${index}@b.example`)
  const forwards: Record<string, readonly string[]> = {
    'all@a.example': ['half@a.example', 'rest@a.example'],
    'half@a.example': wide(600, 'x'),
    'rest@a.example': wide(600, 'y'),
  }
  const mailboxes = Object.fromEntries(
    [...wide(600, 'x'), ...wide(600, 'y')].map(name => [name, { isOff: false, copies: [] }]),
  )
  const rows = worldWith({ forwards, mailboxes })
  expect((await trailOf(rows, 'half@a.example')).ends.size).toBe(600)
  const all = await trailOf(rows, 'all@a.example')
  expect(all.ends.size).toBe(0)
  expect(all.by).toEqual([{ is: 'too-many', from: 'all@a.example', to: null, row: null }])
})

test('does not follow aliases that all lead to one another for long', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `x${index}@a.example`)
  const rows = worldWith({ forwards: Object.fromEntries(names.map(name => [name, names])) })
  expect((await trailOf(rows, 'x0@a.example')).by).toMatchObject([{ is: 'too-many' }])
})

const OPTIONS = { recipientDelimiter: '+', isOutsideReader: (text: string) => text === OUTSIDE_READER }

const ENDS = new Set(['mailbox', 'off', 'outside'])

const worldWith = (rows: Partial<World>): World => ({
  aliasDomains: {},
  catchAlls: {},
  forwards: {},
  mailboxes: {},
  ...rows,
})

async function trailOf(rows: World, root: string) {
  const trail = (await walk([root], lookUpIn(rows), OPTIONS)).get(root)
  if (!trail) throw new Error('no trail')
  return trail
}

/** The tables, as the lookups in SQL would find them. */
function lookUpIn({ aliasDomains, catchAlls, forwards, mailboxes }: World): LookUp {
  const row = (is: ForwardRow['is'], destinations: readonly string[] | undefined): ForwardRow[] =>
    destinations === undefined ? [] : [{ is, row: `${is} row`, destinations }]
  const mailboxOf = ({ isOff, copies }: SampleMailbox): MailboxRow => ({
    ...{ row: 'mail_user 1', name: '', group: 1, onlyCopies: false, copiedByDovecot: false },
    isOff,
    copies,
  })
  return async asked =>
    new Map(
      asked.map(name => {
        const at = name.slice(name.indexOf('@') + 1)
        const target = aliasDomains[at]
        const catchAll = catchAlls[at]
        const mailbox = mailboxes[name]
        const domainRows = {
          isLocal: at !== 'outside.example',
          aliasDomain: target === undefined ? undefined : row('aliasdomain', [`@${target}`])[0],
          catchAll: catchAll === undefined ? [] : row('catchall', [catchAll]),
          lists: NO_DOMAIN.lists,
        }
        const found = {
          domain: domainRows,
          forwards: row('alias', forwards[name]),
          mailbox: mailbox && mailboxOf(mailbox),
          relay: undefined,
        }
        return [name, found]
      }),
    )
}

/** Who reads an address: follows one address after the other and never looks at one twice. */
function readersByModel(rows: World, root: string): Set<string> {
  const readers = new Set<string>()
  const seen = new Set<string>()
  const visit = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    const next = nextByModel(rows, name)
    const staysHere = next.length === 0 || next.includes(name)
    if (staysHere && (rows.mailboxes[name] || name === OUTSIDE_READER)) readers.add(name)
    const copies = next.length === 0 ? rows.mailboxes[name]?.copies : undefined
    for (const other of [...next, ...(copies ?? [])]) visit(other)
  }
  visit(root)
  return readers
}

/** Where Postfix rewrites an address to; to nothing if it delivers it. */
function nextByModel(
  { forwards, mailboxes, catchAlls, aliasDomains }: World,
  name: string,
): readonly string[] {
  const [local = '', at = ''] = name.split('@')
  const own = forwards[name] ?? []
  if (own.length > 0) return own
  const bare = `${local.replace(/\+.*/, '')}@${at}`
  const isTaken = (text: string) => text in mailboxes || text in forwards
  if (bare !== name && isTaken(bare) && !(name in mailboxes)) return [bare]
  const catchAll = catchAlls[at]
  if (catchAll !== undefined && !isTaken(name)) return [catchAll]
  const target = aliasDomains[at]
  return target === undefined ? [] : [`${local}@${target}`]
}
