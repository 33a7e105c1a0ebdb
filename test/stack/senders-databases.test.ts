import { expect, inject, test } from 'vitest'
import { senderListsContract } from '../contracts/sender-lists.ts'
import { amavisListsMaker, amavisListsOn, createLookupTables, SCHEMAS } from '../embedded/sender-tables.ts'
import { asRoot } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { createStorage } from '../servers/storage.ts'
import { createOn } from './databases.ts'

senderListsContract(
  amavisListsMaker('amavis on MariaDB', SCHEMAS.mariadb, () => createOn('mariadb', { empty: true })),
)
senderListsContract(
  amavisListsMaker('amavis on PostgreSQL', SCHEMAS.postgres, () => createOn('postgres', { empty: true })),
)

const ALICE = 'alice@example.com'
const BOB = { sender: 'bob@shop.example', list: 'allow' } as const

/** What a test runs as the database's admin, and how the GRANTs of a message are found. */
const RIGHTS = [
  {
    kind: 'mariadb',
    rights: [
      'SELECT, INSERT ON users',
      'SELECT, INSERT ON policy',
      'SELECT, INSERT ON mailaddr',
      'SELECT, INSERT, UPDATE, DELETE ON wblist',
    ],
  },
  {
    kind: 'postgres',
    rights: [
      ...['SELECT, INSERT ON users', 'SELECT, INSERT ON policy', 'SELECT, INSERT ON mailaddr'],
      ...[
        'SELECT, INSERT, UPDATE, DELETE ON wblist',
        'USAGE ON SEQUENCE users_id_seq, policy_id_seq, mailaddr_id_seq',
      ],
    ],
  },
] as const

test.each(RIGHTS)(
  'on $kind, a missing right is answered by all the GRANTs that it takes',
  async ({ kind, rights }) => {
    await using world = await withoutRights(kind)
    await using lists = amavisListsOn(world.url)
    const refusal = await lists.set(ALICE, BOB).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'SENDERS_REFUSED' })
    await expect(lists.prove?.()).rejects.toMatchObject({
      code: 'SENDERS_REFUSED',
      message: expect.stringContaining('GRANT'),
    })
    const grants = String(refusal).match(/GRANT [^;]+;/g) ?? []
    expect(grants.map(grant => grant.replace(/^GRANT (.*) ON (?:\w+\.)?(\w.*) TO .*$/, '$1 ON $2'))).toEqual(
      rights,
    )
    for (const grant of grants) await world.asAdmin(grant)
    await lists.prove?.()
    await lists.set(ALICE, BOB)
    await lists.set(ALICE, { ...BOB, list: 'block' })
    expect((await lists.read(ALICE)).entries).toEqual([{ ...BOB, list: 'block', counts: true }])
    expect(await lists.remove(ALICE, BOB.sender)).toBe(true)
  },
)

async function withoutRights(kind: 'mariadb' | 'postgres') {
  if (kind === 'mariadb') {
    const tables = await createStorage(inject('mariaDb'), { empty: true })
    await createLookupTables(tables, SCHEMAS.mariadb)
    const asAdmin = (statement: string) => asRoot(tables.server, statement)
    await asAdmin(`REVOKE ALL ON ${tables.database}.* FROM '${tables.user}'@'127.0.0.1'`)
    await asAdmin(`GRANT SELECT ON ${tables.database}.users TO '${tables.user}'@'127.0.0.1'`)
    return { url: tables.url, asAdmin, [Symbol.asyncDispose]: () => tables[Symbol.asyncDispose]() }
  }
  const tables = await createPostgresStorage(inject('postgres'), { empty: true })
  const asAdmin = (statement: string) => asPostgres(tables.server, statement, tables.database)
  await createLookupTables(tables, SCHEMAS.postgres)
  for (const table of ['wblist', 'mailaddr', 'users', 'policy'])
    await asAdmin(`ALTER TABLE ${table} OWNER TO postgres`)
  return { url: tables.url, asAdmin, [Symbol.asyncDispose]: () => tables[Symbol.asyncDispose]() }
}

test('in a column that does not distinguish case, an entry in capitals counts, and is the same entry', async () => {
  await using tables = await createOn('mariadb', { empty: true })
  await createLookupTables(tables, SCHEMAS.mariadbText)
  await using lists = amavisListsOn(tables.url)
  await lists.set(ALICE, BOB)
  await tables.query(`UPDATE mailaddr SET email = 'Bob@SHOP.example'`)
  expect((await lists.read(ALICE)).entries).toEqual([
    { sender: 'Bob@SHOP.example', list: 'allow', counts: true },
  ])
  await lists.set(ALICE, { ...BOB, list: 'block' })
  expect((await lists.read(ALICE)).entries).toHaveLength(1)
})

test('in a column of octets, it does not count', async () => {
  await using tables = await createOn('mariadb', { empty: true })
  await createLookupTables(tables, SCHEMAS.mariadb)
  await using lists = amavisListsOn(tables.url)
  await lists.set(ALICE, { sender: 'Bob@SHOP.example', list: 'block' })
  await lists.set(ALICE, BOB)
  expect((await lists.read(ALICE)).entries).toEqual([
    { sender: 'Bob@SHOP.example', list: 'block', counts: false },
    { ...BOB, counts: true },
  ])
})

test('tables that amavisd does not have are missed, by name', async () => {
  await using tables = await createOn('mariadb', { empty: true })
  await using lists = amavisListsOn(tables.url)
  await expect(lists.read(ALICE)).rejects.toMatchObject({
    code: 'SENDERS_REFUSED',
    message: expect.stringMatching(/^senders database: .*users.* Does senders\.url name the database/),
  })
})
