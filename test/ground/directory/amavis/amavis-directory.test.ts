import { expect, test } from 'vitest'
import { directoryContract } from '../../../contracts/directory.ts'
import {
  addUsers,
  amavisMaker,
  amavisOn,
  createUsers,
  type SampleUser,
  sqliteTables,
} from '../../../embedded/directory-tables.ts'

directoryContract(amavisMaker('amavis on SQLite', 'varchar(255)', sqliteTables))

/** Answers from a table with these rows. Their ids are their places, from 1. */
async function answers(
  rows: readonly Omit<SampleUser, 'id'>[],
  addresses: readonly string[],
  options: Parameters<typeof amavisOn>[1] = {},
) {
  await using tables = await sqliteTables()
  const hasLocal = rows.some(({ local }) => local !== undefined)
  await createUsers(tables, 'varchar(255)', hasLocal ? ', local char(1)' : '')
  await addUsers(
    tables,
    rows.map((row, index) => ({ id: index + 1, ...row })),
  )
  await using directory = amavisOn(tables, options)
  const found = await directory.find(addresses)
  return addresses.map(address => found.get(address))
}

const readersIn = (found: Awaited<ReturnType<typeof answers>>) =>
  found.map(answer => answer?.readers.map(({ address }) => address).join())

test('an address that only its domain has reads its own mail', async () => {
  const [bob, eve, other] = await answers(
    [{ email: '@example.com' }, { email: '@.example.net' }],
    ['bob@example.com', 'eve@sub.example.net', 'bob@sub.example.com'],
  )
  expect(bob).toEqual({
    readers: [{ address: 'bob@example.com', isOff: false }],
    by: [{ is: 'relay', from: 'bob@example.com', to: 'bob@example.com', row: 'users 1 (@example.com)' }],
  })
  expect(eve?.by).toMatchObject([{ is: 'relay', row: 'users 2 (@.example.net)' }])
  expect(other?.readers).toEqual([])
})

test('the row of the whole world makes nobody a reader', async () => {
  const [bob] = await answers([{ email: '@.', local: 'Y' }], ['bob@example.com'])
  expect(bob).toEqual({
    readers: [],
    by: [{ is: 'unknown', from: 'bob@example.com', to: null, row: 'users 1 (@.)' }],
  })
})

test.each([
  ['Y', true],
  ['y', true],
  ['1', true],
  [null, true],
  ['N', false],
  ['n ', false],
  ['F', false],
  ['0', false],
  [' ', false],
  ['', false],
  ['\0', false],
])('local %j is read as amavisd reads it', async (local, isReader) => {
  const rows = [
    { email: 'bob@example.com', local },
    { email: 'zoe@example.com', local: 'Y' },
  ]
  const [bob] = await answers(rows, ['bob@example.com'])
  expect(bob?.readers).toHaveLength(isReader ? 1 : 0)
  expect(bob?.by).toMatchObject([
    isReader ? { is: 'mailbox', to: 'bob@example.com' } : { is: 'outside', to: null },
  ])
})

test('the row of the highest priority that says so decides who is local', async () => {
  const rows = [
    { email: 'bob@example.com', local: 'Y' },
    { email: '@example.com', local: 'N', priority: 5 },
    { email: 'eve@example.com', local: null },
    { email: 'max@example.com', local: 'Y', priority: 4 },
  ]
  const asked = ['bob@example.com', 'eve@example.com', 'max@example.com', 'other@example.com']
  const found = await answers(rows, asked)
  expect(readersIn(found)).toEqual(['bob@example.com', '', '', ''])
  expect(found[2]?.by).toEqual([
    { is: 'outside', from: 'max@example.com', to: null, row: 'users 2 (@example.com)' },
  ])
})

test('an address elsewhere gets digests where the configuration says so', async () => {
  const rows = [{ email: '@.com', local: 'N' }]
  const asked = ['bob@example.com', 'eve@example.com', 'zoe@other.com', 'zoe@sub.other.com']
  const found = await answers(rows, asked, { outsideReaders: ['bob@example.com', '@other.com'] })
  expect(readersIn(found)).toEqual(['bob@example.com', '', 'zoe@other.com', ''])
})

test('an extension leads to the plain address, and its domain’s row too', async () => {
  const rows = [{ email: 'bob@example.com', fullname: 'Bob' }, { email: '@example.net' }]
  const [bob, eve] = await answers(rows, ['bob+list@example.com', 'eve+list@example.net'], {
    recipientDelimiter: '+',
  })
  expect(bob?.readers).toEqual([{ address: 'bob@example.com', isOff: false, name: 'Bob' }])
  expect(eve?.by).toEqual([
    { is: 'extension', from: 'eve+list@example.net', to: 'eve@example.net', row: null },
    { is: 'relay', from: 'eve@example.net', to: 'eve@example.net', row: 'users 2 (@example.net)' },
  ])
})

test('a row is found in both spellings of its domain, and without quotes', async () => {
  const rows = [
    { email: 'eve@bücher.example' },
    { email: '@.xn--mnchen-3ya.example' },
    { email: 'john doe@example.com' },
    { email: 'say "hi"@example.com' },
  ]
  const asked = [
    'eve@xn--bcher-kva.example',
    'bob@sub.xn--mnchen-3ya.example',
    '"john doe"@example.com',
    '"say \\"hi\\""@example.com',
  ]
  expect(readersIn(await answers(rows, asked))).toEqual(asked)
})

test('rows that are no addresses of anybody are left out', async () => {
  const rows = [
    { email: Buffer.from('b\xf6b@example.com', 'latin1') },
    { email: 'bob' },
    { email: '@' },
    { email: 'x@.example.com' },
    { email: '@exa mple.com' },
  ]
  const asked = ['b\uFFFDb@example.com', 'bob@example.com', 'x@example.com', 'bob@[192.0.2.1]']
  expect(readersIn(await answers(rows, asked))).toEqual(['', '', '', ''])
})

test('a database without the table says so', async () => {
  await using tables = await sqliteTables()
  await using directory = amavisOn(tables)
  await expect(directory.find(['bob@example.com'])).rejects.toMatchObject({
    code: 'DIRECTORY_REFUSED',
    message: expect.stringContaining('no such table: users'),
  })
})
