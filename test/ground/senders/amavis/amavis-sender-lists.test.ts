import { expect, test } from 'vitest'
import { senderListsContract } from '../../../contracts/sender-lists.ts'
import { sqliteTables } from '../../../embedded/directory-tables.ts'
import {
  amavisListsMaker,
  amavisListsOn,
  createLookupTables,
  SCHEMAS,
} from '../../../embedded/sender-tables.ts'

senderListsContract(amavisListsMaker('amavis on SQLite', SCHEMAS.sqlite, sqliteTables))

async function filled(
  users: readonly (readonly [email: string, priority: number, policy: number, local: string | null])[],
) {
  const tables = await sqliteTables()
  await createLookupTables(tables, SCHEMAS.sqlite)
  for (const user of users)
    await tables.query('INSERT INTO users (email, priority, policy_id, local) VALUES (?, ?, ?, ?)', user)
  const lists = amavisListsOn(tables.url)
  const rowOf = async (owner: string) => {
    await lists.set(owner, { sender: 'bob@shop.example', list: 'allow' })
    const [row] = (await tables.query('SELECT priority, policy_id, local FROM users WHERE email = ?', [
      owner,
    ])) as {
      priority: number
      policy_id: number
      local: string | null
    }[]
    return row && [row.priority, row.policy_id, row.local]
  }
  return {
    tables,
    lists,
    rowOf,
    async [Symbol.asyncDispose]() {
      await lists[Symbol.asyncDispose]()
      await tables[Symbol.asyncDispose]()
    },
  }
}

test('a new row repeats the policy and locality that amavisd took before, and comes first', async () => {
  await using world = await filled([
    ['@.', 0, 10, 'N'],
    ['@example.com', 5, 11, 'Y'],
    ['@.example.com', 3, 12, null],
    ['@example.net', 9, 13, null],
    ['own@example.com', 6, 14, 'N'],
  ])
  expect(await world.rowOf('alice@example.com')).toEqual([7, 11, 'Y'])
  expect(await world.rowOf('alice@sub.example.com')).toEqual([7, 12, null])
  expect(await world.rowOf('alice@example.net')).toEqual([10, 13, null])
  expect(await world.rowOf('alice@example.org')).toEqual([7, 10, 'N'])
  expect(await world.rowOf('own@example.com')).toEqual([6, 14, 'N'])
  expect(await world.rowOf('@sub.example.com')).toEqual([5, 12, null])
})

test('a new row of an address with an extension repeats the row of the address without it', async () => {
  await using world = await filled([
    ['@example.com', 5, 11, 'Y'],
    ['alice@example.com', 7, 12, null],
  ])
  expect(await world.rowOf('alice+list@example.com')).toEqual([8, 12, null])
  expect(await world.rowOf('ben+list@example.com')).toEqual([7, 11, 'Y'])
})

test('a new row of a domain stays below the rows of its addresses', async () => {
  await using world = await filled([
    ['@.', 0, 10, null],
    ['low@example.com', 2, 11, null],
    ['lowest@example.net', 0, 12, null],
  ])
  expect((await world.rowOf('@example.com'))?.slice(0, 2)).toEqual([1, 10])
  expect((await world.rowOf('@example.net'))?.slice(0, 2)).toEqual([0, 10])
  expect((await world.rowOf('@example.org'))?.slice(0, 2)).toEqual([5, 10])
})

test('where amavisd found no row, the new one has a policy that says nothing', async () => {
  await using world = await filled([])
  const [, policy] = (await world.rowOf('alice@example.com')) ?? []
  expect((await world.rowOf('ben@example.org'))?.[1]).toBe(policy)
  expect(await world.tables.query('SELECT * FROM policy')).toEqual([
    { id: policy, policy_name: 'none (amavis-digest)', spam_lover: null, spam_kill_level: null },
  ])
})

test('points and exceptions that others wrote are shown as such', async () => {
  await using world = await filled([])
  const { lists, tables } = world
  const values = ['W', 'y ', 'B', 'n', 'F', ' ', '', '-3', '+2.5', '0', 'what']
  for (const [index, wb] of values.entries()) {
    await lists.set('alice@example.com', {
      sender: `${String.fromCharCode(97 + index)}@shop.example`,
      list: 'allow',
    })
    await tables.query('UPDATE wblist SET wb = ? WHERE sid = (SELECT max(id) FROM mailaddr)', [wb])
  }
  const { entries } = await lists.read('alice@example.com')
  expect(entries.map(({ list, points }) => (points === undefined ? list : [list, points]))).toEqual([
    ...['allow', 'allow', 'block', 'block', 'block', ['allow', 0], ['allow', 0]],
    ...[['allow', -3], ['block', 2.5], ['allow', 0], 'allow'],
  ])
})

test('of two entries for one mail, the more specific has the higher priority', async () => {
  await using world = await filled([])
  const senders = ['bob@shop.example', '@shop.example', '@.a.shop.example', '@.shop.example', '@.example']
  for (const sender of senders) await world.lists.set('alice@example.com', { sender, list: 'block' })
  const rows = await world.tables.query('SELECT email FROM mailaddr ORDER BY priority DESC')
  expect(rows).toEqual(senders.map(email => ({ email })))
})
