import { expect, test } from 'vitest'
import { senderListsOf } from '../../../src/composition/senders/sender-lists-of.ts'
import { sendersOptions } from '../../../src/ground/config/options/senders-options.ts'
import { sqliteTables } from '../../embedded/directory-tables.ts'
import { createLookupTables, SCHEMAS } from '../../embedded/sender-tables.ts'

const directory = { recipientDelimiter: '+' }

test('nothing is written anywhere unless the configuration says where', async () => {
  await using stack = new AsyncDisposableStack()
  const senders = sendersOptions.parse({})
  expect(
    senderListsOf({ senders, directory, storage: { url: 'sqlite:///nowhere', connections: 1 } }, stack),
  ).toBeUndefined()
})

test('amavisd’s tables are those of the storage, or elsewhere', async () => {
  await using tables = await sqliteTables()
  await createLookupTables(tables, SCHEMAS.sqlite)
  await using stack = new AsyncDisposableStack()
  for (const [url, storage] of [
    [undefined, tables.url],
    [tables.url, 'sqlite:///nowhere'],
  ] as const) {
    const senders = sendersOptions.parse({ kind: 'amavis', url })
    const lists = senderListsOf({ senders, directory, storage: { url: storage, connections: 1 } }, stack)
    await lists?.set('alice@example.com', { sender: 'bob@shop.example', list: 'allow' })
    expect((await lists?.read('alice@example.com'))?.entries).toHaveLength(1)
  }
})
