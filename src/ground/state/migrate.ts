import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { createFirstTables } from '../../../migrations/0001-first-tables.ts'
import { addRunLeases } from '../../../migrations/0002-run-leases.ts'
import { addDesk } from '../../../migrations/0003-desk.ts'
import { addSignInKinds } from '../../../migrations/0004-sign-in-kinds.ts'
import type { Database } from '../database/database.ts'
import { CodedError } from '../errors.ts'
import { readOldestCompatible, writeOldestCompatible } from './compatible-schema.ts'
import type { StateTables } from './state-tables.ts'

/** One step of our tables. A higher number comes later; a step that was released is never changed. */
export interface OurMigration {
  /** Its number, four digits, and what it does. */
  readonly name: string
  /** The number of the newest step that the oldest program knows which may go on working after this one. */
  readonly compatibleFrom: number
  up(db: Kysely<unknown>, dialect: Database<StateTables>['dialect']): Promise<void>
}

/**
 * Creates or updates our own tables. Leaves those of a newer program alone, if this one may go on working with them.
 *
 * @returns the names of the migrations that were applied now
 * @throws CodedError STATE_NEWER when a later version of the program has been here that this one cannot work beside
 */
export async function migrate(
  state: Database<StateTables>,
  ours: readonly OurMigration[] = MIGRATIONS,
): Promise<string[]> {
  const { newer } = await judge(state, ours)
  if (newer.length > 0) return []
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

/**
 * Refuses to go on with tables that this version cannot work with.
 *
 * @returns the names of migrations that only a newer version knows, and that this one may work beside
 * @throws CodedError STATE_UNMIGRATED, STATE_NEWER
 */
export async function requireMigrated(
  state: Database<StateTables>,
  ours: readonly OurMigration[] = MIGRATIONS,
): Promise<string[]> {
  const { newer, missing } = await judge(state, ours)
  if (missing.length > 0) {
    throw new CodedError(
      'STATE_UNMIGRATED',
      `The state database lacks ${missing.join(', ')}. Run: amavis-digest migrate`,
    )
  }
  return newer
}

/** Our tables' steps, in their order. */
export const MIGRATIONS: readonly OurMigration[] = [
  { name: '0001-first-tables', compatibleFrom: 1, up: createFirstTables },
  { name: '0002-run-leases', compatibleFrom: 1, up: addRunLeases },
  { name: '0003-desk', compatibleFrom: 1, up: addDesk },
  { name: '0004-sign-in-kinds', compatibleFrom: 1, up: addSignInKinds },
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

/** What was applied that this program does not know, and the other way round. */
async function judge(
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
    `The state database was migrated by a newer amavis-digest (${newer.join(', ')}), beside which this version cannot work. Install that version, or restore a backup from before.`,
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
