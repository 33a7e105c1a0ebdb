import { chownSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { AMAVIS_SCHEMA } from '../../src/demo/storage/schema.ts'
import { privateDir } from './private-dir.ts'
import { type Column, decodeRows, type Storage, type StorageOptions } from './storage.ts'

/** A new file in a folder of amavisd's user. It has SQLite's default journal mode, which amavisd does not change. */
export async function createSqliteStorage({ empty = false }: StorageOptions = {}): Promise<Storage> {
  const dir = privateDir('sqlite', 'amavis')
  const file = join(dir.own('home'), 'amavis.sqlite')
  const database = new DatabaseSync(file, { timeout: 10_000 })
  if (!empty) database.exec(AMAVIS_SCHEMA)
  const { uid, gid } = statSync(dirname(file))
  chownSync(file, uid, gid)
  const query = async <Row>(statement: string, values: readonly unknown[] = []) =>
    decodeRows<Row>(database.prepare(statement).all(...(values as SQLInputValue[])))
  return {
    user: '',
    password: '',
    schema: {},
    url: `sqlite://${file}`,
    dsn: `DBI:SQLite:dbname=${file}`,
    query,
    columns: async () =>
      (await query<ColumnRow>(COLUMNS)).map(row => ({ ...row, nullable: row.nullable === 1 })),
    [Symbol.asyncDispose]: async () => {
      database.close()
      dir.remove()
    },
  }
}

type ColumnRow = Omit<Column, 'nullable'> & { readonly nullable: number }

/** SQLite allows NULL in a column of the primary key, but no row has it. */
const COLUMNS = `SELECT t.name AS place, c.name, c."notnull" = 0 AND c.pk = 0 AS nullable
  FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'`
