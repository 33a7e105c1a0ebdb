import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { AMAVIS_SCHEMA } from '../../../src/demo/storage/schema.ts'
import { checkStorage } from '../../../src/ground/amavis/check-storage.ts'
import type { AmavisTables } from '../../../src/ground/amavis/tables.ts'
import { connect } from '../../../src/ground/database/connect.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** What is wrong with a storage created by these statements; undefined when nothing is. */
async function faultOf(...statements: string[]): Promise<string | undefined> {
  const path = join(temporaryFolder(), 'amavis.sqlite')
  const database = new DatabaseSync(path)
  for (const statement of statements) database.exec(statement)
  database.close()
  await using storage = connect<AmavisTables>('storage', `sqlite://${path}`)
  return await checkStorage(storage.sql).then(
    () => undefined,
    error => `${error.code}: ${error.message}`,
  )
}

test("amavisd's own schema is accepted", async () => {
  expect(await faultOf(AMAVIS_SCHEMA)).toBeUndefined()
})

test('for a database without the tables, the message says where to look', async () => {
  expect(await faultOf()).toMatch(
    /^STORAGE_SCHEMA_UNKNOWN: storage database: no table msgs, msgrcpt, maddr\. .*@storage_sql_dsn/,
  )
  expect(await faultOf(AMAVIS_SCHEMA, 'DROP TABLE maddr')).toContain('no table maddr.')
})

test.each([
  ['msgrcpt', 'rseqnum', 'integer DEFAULT 0 NOT NULL'],
  ['msgrcpt', 'content', "char(1) DEFAULT ' ' NOT NULL"],
  ['msgrcpt', 'is_local', "char(1) DEFAULT ' ' NOT NULL"],
  ['msgs', 'originating', "char(1) DEFAULT ' ' NOT NULL"],
])(
  'a schema from before 2.7 lacks %s.%s, and the statement in the message adds it',
  async (table, column, type) => {
    const oldSchema = AMAVIS_SCHEMA.replace(
      new RegExp(`(CREATE TABLE ${table} \\([^;]*?)\\n  ${column} [^\\n]*`),
      '$1',
    ).replace(', rseqnum)', column === 'rseqnum' ? ')' : ', rseqnum)')
    const fix = `ALTER TABLE ${table} ADD ${column} ${type};`
    expect(await faultOf(oldSchema)).toBe(
      `STORAGE_SCHEMA_UNKNOWN: storage database: no column ${table}.${column}. This program needs the schema of amavisd 2.7 or later. Stop amavisd and run:\n  ${fix}`,
    )
    expect(await faultOf(oldSchema, fix)).toBeUndefined()
  },
)
