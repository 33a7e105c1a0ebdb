import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { createFirstTables } from '../../../migrations/0001-first-tables.ts'
import { addRunLeases } from '../../../migrations/0002-run-leases.ts'
import { addDesk } from '../../../migrations/0003-desk.ts'
import { addSignInKinds } from '../../../migrations/0004-sign-in-kinds.ts'
import { addSignInNetworks } from '../../../migrations/0005-sign-in-networks.ts'
import { addPhrases } from '../../../migrations/0006-phrases.ts'
import { addDirectories } from '../../../migrations/0007-directories.ts'
import { addBulkActions } from '../../../migrations/0008-bulk-actions.ts'
import { addSignInAttempts } from '../../../migrations/0009-sign-in-attempts.ts'
import { addApiScopes } from '../../../migrations/0010-api-scopes.ts'
import { addPromisedUntil } from '../../../migrations/0011-promised-until.ts'
import { addWhoDecides } from '../../../migrations/0012-who-decides.ts'
import { addPageIndexes } from '../../../migrations/0013-page-indexes.ts'
import { indexClicksByDomain } from '../../../migrations/0014-clicks-by-domain.ts'
import type { Database } from '../database/database.ts'
import { CodedError } from '../errors.ts'
import { readOldestCompatible, writeOldestCompatible } from './compatible-schema.ts'
import type { StateTables } from './state-tables.ts'

/** One change of our tables. They are applied in the order of their numbers; a released migration is never changed. */
export interface OurMigration {
  /** A number of four digits, and what the migration does. */
  readonly name: string
  /** After this migration, a program may go on working if it knows the migration with this number. */
  readonly compatibleFrom: number
  up(db: Kysely<unknown>, dialect: Database<StateTables>['dialect']): Promise<void>
}

/**
 * Creates or updates our own tables. Leaves the tables of a newer program unchanged if this one may work with them.
 *
 * @returns the names of the migrations that were applied now
 * @throws CodedError STATE_NEWER when a newer program has changed the tables so that this one cannot work with them;
 *   DATABASE_REFUSED before the first table is made in a database that cannot store every character
 */
export async function migrate(
  state: Database<StateTables>,
  ours: readonly OurMigration[] = MIGRATIONS,
): Promise<string[]> {
  const { newer, missing } = await compareMigrations(state, ours)
  if (newer.length > 0) return []
  if (missing.length === ours.length) await requireEncoding(state)
  const migrator = new Migrator({
    db: state.sql,
    provider: { getMigrations: async () => kyselyMigrations(state, ours) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: `${MIGRATION_TABLE}_lock`,
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error) throw error
  return (results ?? []).map(result => result.migrationName)
}

/** Not asked of a database that has our tables: it may have worked for years with addresses in ASCII. */
async function requireEncoding({ sql, dialect }: Database<StateTables>): Promise<void> {
  const fault = await dialect.encodingFault(sql as unknown as Kysely<unknown>)
  if (fault !== undefined) throw new CodedError('DATABASE_REFUSED', `state database: ${fault}`)
}

/**
 * Refuses tables that this version cannot work with.
 *
 * @returns the names of migrations that only a newer version knows, and with which this one can work
 * @throws CodedError STATE_UNMIGRATED, STATE_NEWER
 */
export async function requireMigrated(
  state: Database<StateTables>,
  ours: readonly OurMigration[] = MIGRATIONS,
): Promise<string[]> {
  const { newer, missing } = await compareMigrations(state, ours)
  if (missing.length > 0) {
    throw new CodedError(
      'STATE_UNMIGRATED',
      `The state database lacks ${missing.join(', ')}. Run: amavis-digest migrate`,
    )
  }
  return newer
}

/** All migrations, in their order. */
export const MIGRATIONS: readonly OurMigration[] = [
  { name: '0001-first-tables', compatibleFrom: 1, up: createFirstTables },
  { name: '0002-run-leases', compatibleFrom: 1, up: addRunLeases },
  { name: '0003-desk', compatibleFrom: 1, up: addDesk },
  { name: '0004-sign-in-kinds', compatibleFrom: 1, up: addSignInKinds },
  { name: '0005-sign-in-networks', compatibleFrom: 1, up: addSignInNetworks },
  { name: '0006-phrases', compatibleFrom: 1, up: addPhrases },
  { name: '0007-directories', compatibleFrom: 1, up: addDirectories },
  { name: '0008-bulk-actions', compatibleFrom: 1, up: addBulkActions },
  { name: '0009-sign-in-attempts', compatibleFrom: 1, up: addSignInAttempts },
  { name: '0010-api-scopes', compatibleFrom: 1, up: addApiScopes },
  { name: '0011-promised-until', compatibleFrom: 1, up: addPromisedUntil },
  { name: '0012-who-decides', compatibleFrom: 1, up: addWhoDecides },
  { name: '0013-page-indexes', compatibleFrom: 1, up: addPageIndexes },
  { name: '0014-clicks-by-domain', compatibleFrom: 1, up: indexClicksByDomain },
]

const MIGRATION_TABLE = 'digest_migration'

const kyselyMigrations = (
  { dialect }: Database<StateTables>,
  ours: readonly OurMigration[],
): Record<string, Migration> =>
  Object.fromEntries(
    ours.map(({ name, compatibleFrom, up }) => [
      name,
      {
        async up(db: Kysely<StateTables>) {
          await up(db as unknown as Kysely<unknown>, dialect)
          await writeOldestCompatible({ sql: db, dialect }, compatibleFrom)
        },
      },
    ]),
  )

/** Finds applied migrations that this program does not know, and known migrations that have not been applied. */
async function compareMigrations(
  state: Database<StateTables>,
  ours: readonly OurMigration[],
): Promise<{ readonly newer: string[]; readonly missing: string[] }> {
  const applied = await appliedMigrations(state)
  const known = ours.map(({ name }) => name)
  const newer = applied.filter(name => !known.includes(name))
  if (newer.length > 0) await requireCompatible(state, ours, newer)
  return { newer, missing: known.filter(name => !applied.includes(name)) }
}

async function requireCompatible(
  state: Database<StateTables>,
  ours: readonly OurMigration[],
  newer: readonly string[],
): Promise<void> {
  const newest = Math.max(...ours.map(({ name }) => Number.parseInt(name, 10)))
  const oldest = await readOldestCompatible(state)
  if (oldest !== undefined && newest >= oldest) return
  throw new CodedError(
    'STATE_NEWER',
    `The state database was migrated by a newer amavis-digest (${newer.join(', ')}), and this version cannot work with the changed tables. Install that version, or restore an earlier backup.`,
  )
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
