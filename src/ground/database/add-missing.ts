import type { CreateIndexBuilder, CreateTableBuilder, Kysely } from 'kysely'
import type { Dialect } from './database.ts'

/** Adds what our tables lack. */
export interface AddMissing {
  table(name: string, columns: (table: NewTable) => NewTable): Promise<void>
  /** A default gives every row a value: those that exist already, and those that an older version inserts. */
  column(table: string, name: string, type: ColumnType, value?: { readonly default: string }): Promise<void>
  index(name: string, table: string, columns: readonly string[]): Promise<void>
  /** Drops a unique constraint, if the table still has it. */
  withoutUnique(table: string, constraint: string): Promise<void>
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
 * The vocabulary of our migrations. Every step may be repeated: most databases cannot roll back a schema change, so a
 * migration that was interrupted stays half done, and the next attempt starts it from the beginning.
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
  withoutUnique: (table, constraint) => dialect.dropUnique(db, table, constraint),
})

/** Uses IF NOT EXISTS instead of catching the error: within a transaction, no statement may fail. */
export const createIndexIfNotExists: Dialect['createMissingIndex'] = async (index: CreateIndexBuilder) =>
  index.ifNotExists().execute()

async function hasColumn(db: Kysely<unknown>, table: string, name: string): Promise<boolean> {
  const tables = await db.introspection.getTables()
  const found = tables.find(candidate => candidate.name === table)
  return found?.columns.some(column => column.name === name) ?? false
}
