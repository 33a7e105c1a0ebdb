import { expect, test } from 'vitest'
import type { ReaderQuery } from '../../../../src/desks/admin/readers/find-readers.ts'
import { findReaders } from '../../../../src/desks/admin/readers/find-readers.ts'
import { searchReaders } from '../../../../src/desks/admin/readers/search-readers.ts'
import { directoryWith } from '../../../embedded/directory.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { digestRow, insert, itemRow } from '../../../embedded/rows.ts'

const ODD = '"a/b"@example.com'
const IDN = 'zoë@xn--mnchen-3ya.example'

test('readers are found by the start of their address, by any part of it, and by their domain', async () => {
  const find = await world()
  expect(await find({ search: 'ali' })).toEqual(['alice@example.com', 'alina@example.org'])
  expect(await find({ search: ' Alice@EXAMPLE.com ' })).toEqual(['alice@example.com'])
  expect(await find({ search: 'lin' })).toEqual(['alina@example.org'])
  expect(await find({ search: '@Example.ORG' })).toEqual(['alina@example.org'])
  expect(await find({ search: '"a/' })).toEqual([ODD])
  expect(await find({ search: 'ZOË@münchen.example' })).toEqual([IDN])
  expect(await find({ search: 'nobody' })).toEqual([])
})

test('addresses that begin with the search text come first, then those that contain it, page by page', async () => {
  const program = await embeddedProgram()
  const { now } = program.time
  const others = Array.from({ length: 5 }, (_, index) => `john.smith${index}@example.org`)
  const begin = ['smith@example.com', 'smithers@example.com']
  await insert(
    program,
    'digest_item',
    [...others, ...begin, 'bob@smith.example'].map(reader => itemRow(reader.slice(0, 32), reader, now)),
  )
  for (const limit of [1, 2, 3, 8, 100]) {
    const seen: string[] = []
    let next: string | undefined
    do {
      const page = await findReaders(program.deps, undefined, { search: 'Smith', limit, after: next })
      expect(page.rows.length).toBeLessThanOrEqual(limit)
      seen.push(...page.rows.map(row => row.reader))
      next = page.next
    } while (next !== undefined)
    expect(seen).toEqual([...begin, 'bob@smith.example', ...others])
  }
})

test('a domain is found in its displayed form, and by its start', async () => {
  const find = await world()
  expect(await find({ search: 'München.example' })).toEqual([IDN])
  expect(await find({ search: '@münchen.example' })).toEqual([IDN])
  expect(await find({ search: 'münchen' })).toEqual([IDN])
  expect(await find({ search: 'example.o' })).toEqual(['alina@example.org'])
  expect(await find({ search: '@example.o' })).toEqual(['alina@example.org'])
})

test('the scopes in reach are listed: the wide ones, then the reader or domain that is searched for', async () => {
  const { deps } = await embeddedProgram()
  const scopes = async (search: string, reach?: readonly string[]) =>
    (await findReaders(deps, reach, { search, limit: 10 })).scopes
  expect(await scopes('')).toEqual(['@'])
  expect(await scopes('Example.org')).toEqual(['@', '@example.org'])
  expect(await scopes('bob@example.org')).toEqual(['@', 'bob@example.org'])
  const reach = ['example.com', 'example.net']
  expect(await scopes('bob@example.com', reach)).toEqual(['@example.com', '@example.net', 'bob@example.com'])
  expect(await scopes('example.net', reach)).toEqual(['@example.com', '@example.net'])
  expect(await scopes('bob@example.org', reach)).toEqual(['@example.com', '@example.net'])
})

test('a search for an alias also names those who read its mail, within reach', async () => {
  const { deps } = await embeddedProgram()
  const directory = directoryWith({ 'sales@example.com': ['bob@example.com', 'eve@example.org'] })
  const scopes = async (reach?: readonly string[]) =>
    (await findReaders({ ...deps, directory }, reach, { search: 'Sales@example.com', limit: 10 })).scopes
  expect(await scopes()).toEqual(['@', 'sales@example.com', 'bob@example.com', 'eve@example.org'])
  expect(await scopes(['example.org'])).toEqual(['@example.org', 'eve@example.org'])
})

test('% and _ in a search are ordinary characters', async () => {
  const find = await world()
  expect(await find({ search: '%' })).toEqual(['50%_off@example.com'])
  expect(await find({ search: '_o' })).toEqual(['50%_off@example.com'])
})

test('all readers are listed page by page in a fixed order, without domains', async () => {
  const program = await filled()
  const seen: string[] = []
  let next: string | undefined
  do {
    const page = await findReaders(program.deps, undefined, { limit: 2, after: next })
    expect(page.rows.length).toBeLessThanOrEqual(2)
    seen.push(...page.rows.map(row => row.reader))
    next = page.next
  } while (next !== undefined)
  expect(seen).toEqual([
    ODD,
    '50%_off@example.com',
    'alice@example.com',
    'alina@example.org',
    'bob@example.com',
    IDN,
  ])
})

test('an admin of one domain sees its readers, and finds no others', async () => {
  const program = await filled()
  const find = async (query: Partial<ReaderQuery>) =>
    (await findReaders(program.deps, ['example.org'], { limit: 100, ...query })).rows.map(row => row.reader)
  expect(await find({})).toEqual(['alina@example.org'])
  expect(await find({ search: 'alice' })).toEqual([])
  expect(await find({ search: '@example.com' })).toEqual([])
  expect((await findReaders(program.deps, [], { limit: 100 })).rows).toEqual([])
})

test('each reader comes with the number of waiting messages, the last digest and whether settings exist', async () => {
  const program = await filled()
  const { rows } = await findReaders(program.deps, undefined, { search: 'alice', limit: 10 })
  expect(rows).toEqual([
    {
      reader: 'alice@example.com',
      waiting: 2,
      lastDigest: { id: 'd2', createdAt: program.time.now - 1000, state: 'failed' },
      hasSettings: true,
    },
  ])
})

test('a search that stops early continues where it was, and its cursor reveals no other reader', async () => {
  const program = await embeddedProgram()
  const readers = Array.from({ length: 30 }, (_, index) => `reader${index + 10}@other.example`)
  const own = ['aaa@example.org', 'reader20x@example.org', 'zzz@example.org']
  await insert(
    program,
    'digest_item',
    [...readers, ...own].map(reader => itemRow(reader.slice(0, 32), reader, program.time.now)),
  )
  for (const [reach, search, expected] of [
    [['example.org'], undefined, own],
    [['example.org'], 'example', own],
    [['example.org'], 'r20', ['reader20x@example.org']],
    [undefined, 'EXAMPLE.ORG', own],
  ] as const) {
    const seen: string[] = []
    let next: string | undefined
    let pages = 0
    do {
      const page = await searchReaders(program.state, reach, { search, limit: 2, after: next, looksAt: 7 })
      seen.push(...page.readers)
      next = page.next
      pages += 1
      expect(next ?? '').not.toContain('other.example')
    } while (next !== undefined)
    expect(seen).toEqual(expected)
    expect(pages).toBeGreaterThan(3)
  }
})

test('a malformed list position is refused', async () => {
  const program = await filled()
  await expect(findReaders(program.deps, undefined, { after: 'x', limit: 1 })).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  })
})

async function world() {
  const program = await filled()
  return async (query: Partial<ReaderQuery>) =>
    (await findReaders(program.deps, undefined, { limit: 100, ...query })).rows.map(row => row.reader)
}

async function filled() {
  const program = await embeddedProgram()
  const now = program.time.now
  await insert(program, 'digest_item', [
    itemRow('1', 'alice@example.com', now),
    itemRow('2', 'alice@example.com', now),
    itemRow('3', 'alice@example.com', now, { digest_id: 'd1' }),
    itemRow('4', ODD, now),
    itemRow('5', IDN, now),
    itemRow('6', '50%_off@example.com', now),
  ])
  await insert(program, 'digest_digest', [
    digestRow('d1', 'alice@example.com', now - 2000),
    digestRow('d2', 'alice@example.com', now - 1000, { state: 'failed' }),
    digestRow('d3', 'alina@example.org', now),
  ])
  const setting = { version: 1, updated_at: now }
  await program.state.sql
    .insertInto('digest_preference')
    .values(
      ['alice@example.com', 'bob@example.com', '@example.net', '@'].map(scope => ({ scope, ...setting })),
    )
    .execute()
  return program
}
