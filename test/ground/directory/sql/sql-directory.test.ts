import { expect, test } from 'vitest'
import { directoryContract } from '../../../contracts/directory.ts'
import { sqliteTables, sqlMaker, sqlOn } from '../../../embedded/directory-tables.ts'

directoryContract(sqlMaker('sql on SQLite', sqliteTables))

/** Asks a query that makes its rows itself. */
async function answers(query: string, addresses: readonly string[], recipientDelimiter = '') {
  await using tables = await sqliteTables()
  await using directory = sqlOn(tables, query, { recipientDelimiter })
  return await directory.find(addresses)
}

async function answer(query: string, address = 'sales@example.com', recipientDelimiter = '') {
  return (await answers(query, [address], recipientDelimiter)).get(address)
}

test('two rows are two readers', async () => {
  const query = `select 'zoe@example.com' as reader where :address <> '' union all select 'bob@example.com'`
  expect(await answer(query)).toEqual({
    readers: [
      { address: 'bob@example.com', isOff: false },
      { address: 'zoe@example.com', isOff: false },
    ],
    by: [
      { is: 'alias', from: 'sales@example.com', to: 'zoe@example.com', row: 'row 1' },
      { is: 'alias', from: 'sales@example.com', to: 'bob@example.com', row: 'row 2' },
    ],
  })
})

test('a reader who comes twice is one, with what any of the rows tells', async () => {
  const query = `select ' Bob@EXAMPLE.com ' as READER, 'xx yy' as Language, 'Nowhere/City' as TimeZone, null as Name
    union all select 'bob@example.com', 'pt_BR', 'europe/paris', 'Bob' where :address <> ''`
  expect((await answer(query))?.readers).toEqual([
    { address: 'bob@example.com', isOff: false, language: 'pt-BR', timeZone: 'Europe/Paris', name: 'Bob' },
  ])
})

test.each([
  ['no row', `select :address as reader where 1 = 0`],
  ['NULL', `select null as reader, 'fr' as language where :address <> ''`],
])('%s means nobody', async (_, query) => {
  expect(await answer(query)).toEqual({
    readers: [],
    by: [{ is: 'unknown', from: 'sales@example.com', to: null, row: null }],
  })
})

test('a reader that is no address is left out, and shown', async () => {
  const query = `select 'bob' || char(27) || '[31m' as reader where :address <> '' union all select 'zoe@example.com'
    union all select '' union all select 7`
  const { readers, by } = (await answer(query)) ?? { readers: [], by: [] }
  expect(readers.map(({ address }) => address)).toEqual(['zoe@example.com'])
  expect(by.map(({ is, row }) => [is, row])).toEqual([
    ['unknown', 'row 1: bob[31m'],
    ['alias', 'row 2'],
    ['unknown', 'row 3: '],
  ])
})

test('a query that has forgotten its condition makes nobody a reader', async () => {
  const query = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
    select 'owner' || i || '@example.com' as reader from n where :address <> ''`
  expect(await answer(query)).toEqual({
    readers: [],
    by: [{ is: 'too-many', from: 'sales@example.com', to: null, row: 'more than 100 rows' }],
  })
})

test('rows that name nobody count, too: of a query without a condition, only the first rows are known', async () => {
  const query = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
    select case when i % 2 then 'owner' || i || '@example.com' end as reader from n where :address <> ''`
  expect(await answer(query)).toMatchObject({ readers: [], by: [{ is: 'too-many' }] })
})

test('addresses that have too many rows take nothing away from those beside them', async () => {
  const query = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 200)
    select 'owner' || i || '@example.com' as reader from n where :address like 'many%' or i = 1`
  const asked = Array.from({ length: 120 }, (_, index) => `${index % 7 ? 'one' : 'many'}${index}@example.com`)
  for (const [address, { readers }] of await answers(query, asked))
    expect(readers).toHaveLength(address.startsWith('one') ? 1 : 0)
})

test('one address that two readers read is told to both, and each reads their own mail', async () => {
  const query = `select value as reader from json_each(case :address
    when 'sales@example.com' then '["bob@example.com", "zoe@example.com"]' else json_array(:address) end)`
  const found = await answers(query, ['sales@example.com', 'bob@example.com', 'zoe@example.com'])
  expect([...found.values()].map(({ readers }) => readers.map(({ address }) => address))).toEqual([
    ['bob@example.com', 'zoe@example.com'],
    ['bob@example.com'],
    ['zoe@example.com'],
  ])
})

test('an address is asked without its extension only if no row names a reader', async () => {
  const query = `select case :address when 'bob+list@example.com' then 'no address' else 'bob@example.com' end as reader
    where :address in ('bob@example.com', 'bob+list@example.com')`
  const [list, other] = (
    await answers(query, ['bob+list@example.com', 'bob+other@example.com'], '+')
  ).values()
  expect(list?.readers).toEqual([])
  expect(other?.readers).toMatchObject([{ address: 'bob@example.com' }])
  expect(other?.by).toMatchObject([
    { is: 'extension', from: 'bob+other@example.com', to: 'bob@example.com' },
    { is: 'mailbox', from: 'bob@example.com', to: 'bob@example.com' },
  ])
})

test('a comment at the end of a query ends there', async () => {
  const query = `select :address as reader -- whoever it is; isn't it?`
  expect((await answer(query))?.readers).toMatchObject([{ address: 'sales@example.com' }])
})

test('a query without a column for the reader says how to name it', async () => {
  await expect(answer(`select :address as mailbox, 'fr' as language`)).rejects.toMatchObject({
    code: 'DIRECTORY_REFUSED',
    message:
      'directory.query has no column named reader, only mailbox, language. Name it so: SELECT … AS reader',
  })
})

test('an error of the database names the option', async () => {
  await expect(answer(`select reader from nowhere where a = :address`)).rejects.toMatchObject({
    code: 'DIRECTORY_REFUSED',
    message: expect.stringContaining('no such table: nowhere'),
  })
  await expect(answer(`select :address as reader where from`)).rejects.toMatchObject({
    code: 'DIRECTORY_REFUSED',
    message: expect.stringMatching(/^directory\.query: the database answers: near "from": syntax error/),
  })
})

test('a database file that is not there cannot be asked, and is not made', async () => {
  const directory = sqlOn({ url: 'sqlite:///nowhere/at/all' } as never, 'select :address as reader')
  await expect(directory.find(['bob@example.com'])).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' })
})

test('the database is only read', async () => {
  await using tables = await sqliteTables()
  await tables.query('create table mailbox (address text)')
  await using directory = sqlOn(tables, 'select address as reader from mailbox where address = :address')
  await directory.find(['bob@example.com'])
  expect(await tables.query('pragma journal_mode')).toEqual([{ journal_mode: 'delete' }])
})
