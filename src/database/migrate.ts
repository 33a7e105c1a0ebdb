import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { createFirstTables } from '../../migrations/0001-first-tables.ts'
import { addRunLeases } from '../../migrations/0002-run-leases.ts'
import { CodedError } from '../errors.ts'
import type { Database, Dialect } from './database.ts'
import type { StateTables } from './state-tables.ts'

/**
 * Creates or updates our own tables.
 *
 * @returns the names of the migrations that were applied now
 * @throws CodedError STATE_NEWER when a later version of the program has been here
 */
export async function migrate(state: Database<StateTables>): Promise<string[]> {
  await refuseNewer(state)
  const migrator = new Migrator({
    db: state.sql,
    provider: { getMigrations: async () => migrations(state.dialect) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: `${MIGRATION_TABLE}_lock`,
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error) throw error
  return (results ?? []).map(result => result.migrationName)
}

/**
 * Refuses to go on with tables that are not those of this version.
 *
 * @throws CodedError STATE_UNMIGRATED, STATE_NEWER
 */
export async function requireMigrated(state: Database<StateTables>): Promise<void> {
  const applied = await refuseNewer(state)
  const missing = Object.keys(migrations(state.dialect)).filter(name => !applied.includes(name))
  if (missing.length > 0) {
    throw new CodedError(
      'STATE_UNMIGRATED',
      `The state database lacks ${missing.join(', ')}. Run: amavis-digest migrate`,
    )
  }
}

const MIGRATION_TABLE = 'digest_migration'

const migrations = (dialect: Dialect): Record<string, Migration> => ({
  '0001-first-tables': { up: db => createFirstTables(db, dialect) },
  '0002-run-leases': { up: addRunLeases },
})

async function refuseNewer(state: Database<StateTables>): Promise<string[]> {
  const applied = await appliedMigrations(state)
  const known = Object.keys(migrations(state.dialect))
  const unknown = applied.filter(name => !known.includes(name))
  if (unknown.length > 0) {
    throw new CodedError(
      'STATE_NEWER',
      `The state database was migrated by a newer amavis-digest (${unknown.join(', ')}). Install that version, or restore a backup from before.`,
    )
  }
  return applied
}

async function appliedMigrations(state: Database<StateTables>): Promise<string[]> {
  try {
    const rows = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(
      state.sql,
    )
    return rows.rows.map(row => row.name)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'TABLE_MISSING') return []
    throw error
  }
}
