import { join } from 'node:path'
import { Kysely, type KyselyPlugin, sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { sqlite } from '../../../src/ground/database/sqlite.ts'
import { dropSqliteUnique } from '../../../src/ground/database/sqlite-unique.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

test('drops the constraint, and keeps all rows, indexes, NOT NULLs, the key and columns that were added later', async () => {
  const { db, items } = await filled()
  const before = await items()
  await dropSqliteUnique(db, 'item', 'item_key')
  expect(await items()).toEqual(before)
  await sql`insert into item values ('third', 1, 'MAIL', 'kept')`.execute(db)
  await expect(sql`insert into item values ('third', 2, 'x', null)`.execute(db)).rejects.toThrow(/UNIQUE/)
  await expect(sql`insert into item values ('fourth', 2, null, null)`.execute(db)).rejects.toThrow(/NOT NULL/)
  expect(await namesOf(db)).toEqual(['index item_mail', 'index item_part', 'table item'])
  const plan = await sql<{ detail: string }>`explain query plan select * from item where mail = 'x'`.execute(
    db,
  )
  expect(plan.rows.map(row => row.detail).join()).toContain('item_mail')
  await dropSqliteUnique(db, 'item', 'item_key')
  expect(await items()).toHaveLength(before.length + 1)
})

test('an attempt that breaks off at any statement leaves the table as it was, and the next one succeeds', async () => {
  const { db, items } = await filled()
  const before = [await items(), await namesOf(db)]
  let attempts = 0
  while (await breaksOff(db, attempts)) {
    attempts += 1
    expect([await items(), await namesOf(db)]).toEqual(before)
    await expect(sql`insert into item values ('third', 1, 'MAIL', null)`.execute(db)).rejects.toThrow(
      /UNIQUE/,
    )
  }
  // Reading the schema, five statements for the table, two for its indexes.
  expect(attempts).toBeGreaterThanOrEqual(7)
  await sql`insert into item values ('third', 1, 'MAIL', null)`.execute(db)
})

test('a table without the constraint is left alone', async () => {
  const { db, items } = await filled()
  const before = await items()
  await dropSqliteUnique(db, 'item', 'another_key')
  expect(await items()).toEqual(before)
  await expect(sql`insert into item values ('third', 1, 'MAIL', null)`.execute(db)).rejects.toThrow(/UNIQUE/)
})

/** @returns whether there was a statement at which to break off */
async function breaksOff(db: Kysely<unknown>, statements: number): Promise<boolean> {
  let left = statements
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (left-- === 0) throw new Error('broken off')
      return node
    },
    transformResult: async ({ result }) => result,
  }
  return dropSqliteUnique(db.withPlugin(plugin), 'item', 'item_key').then(
    () => false,
    error => {
      if (error instanceof Error && error.message === 'broken off') return true
      throw error
    },
  )
}

async function namesOf(db: Kysely<unknown>): Promise<string[]> {
  const { rows } = await sql<{ type: string; name: string }>`
    select type, name from sqlite_master where sql is not null order by type, name`.execute(db)
  return rows.map(({ type, name }) => `${type} ${name}`)
}

/** A table such as our migrations make, with a column that was added later. */
async function filled() {
  const { kysely } = sqlite.open(new URL(`sqlite://${join(temporaryFolder(), 'unique.sqlite')}`), {
    connections: 1,
  })
  const db = new Kysely<unknown>({ dialect: kysely })
  onTestFinished(() => db.destroy())
  await db.schema
    .createTable('item')
    .addColumn('id', 'varchar(32)', column => column.primaryKey())
    .addColumn('tag', 'integer', column => column.notNull())
    .addColumn('mail', 'varchar(64)', column => column.notNull())
    .addUniqueConstraint('item_key', ['tag', 'mail'])
    .execute()
  await db.schema.alterTable('item').addColumn('later', 'varchar(32)').execute()
  await db.schema.createIndex('item_mail').on('item').columns(['mail', 'later']).execute()
  await db.schema.createIndex('item_part').on('item').columns(['tag']).execute()
  await sql`insert into item values ('first', 1, 'mail', null), ('second', 1, 'MAIL', 'later')`.execute(db)
  const items = async () => (await sql`select * from item order by id`.execute(db)).rows
  return { db, items }
}
