import type { CreateIndexBuilder, CreateTableBuilder, Kysely } from 'kysely'
import type { Dialect } from './database.ts'

/** Adds to our tables what is not there yet. */
export interface AddMissing {
  table(name: string, columns: (table: NewTable) => NewTable): Promise<void>
  /** With a default, no row lacks a value: neither one that is there already, nor one that an older version adds. */
  column(table: string, name: string, type: ColumnType, value?: { readonly default: string }): Promise<void>
  index(name: string, table: string, columns: readonly string[]): Promise<void>
}

type ColumnType =
  | 'varchar(16)'
  | 'varchar(32)'
  | 'varchar(64)'
  | 'varchar(320)'
  | 'bigint'
  | 'integer'
  | 'text'

type NewTable = CreateTableBuilder<string, string>

/**
 * The words of our migrations. Each may be said again: most databases undo no change of tables, so that a migration
 * which broke off stays half done, and the next attempt starts it from its beginning.
 */
export const addMissing = (db: Kysely<unknown>, dialect: Dialect): AddMissing => ({
  async table(name, columns) {
    const table: NewTable = columns(db.schema.createTable(name).ifNotExists())
    await (dialect.tableOptions ? table.modifyEnd(dialect.tableOptions) : table).execute()
  },
  async column(table, name, type, value) {
    if (await hasColumn(db, table, name)) return
    await db.schema
      .alterTable(table)
      .addColumn(name, type, column => (value ? column.notNull().defaultTo(value.default) : column))
      .execute()
  },
  async index(name, table, columns) {
    await dialect.createMissingIndex(
      db.schema
        .createIndex(name)
        .on(table)
        .columns([...columns]),
    )
  },
})

/** With the standard's neighbour IF NOT EXISTS: within a transaction, nothing may fail. */
export const createIndexIfNotExists: Dialect['createMissingIndex'] = async (index: CreateIndexBuilder) =>
  index.ifNotExists().execute()

async function hasColumn(db: Kysely<unknown>, table: string, name: string): Promise<boolean> {
  const tables = await db.introspection.getTables()
  const found = tables.find(candidate => candidate.name === table)
  return found?.columns.some(column => column.name === name) ?? false
}
