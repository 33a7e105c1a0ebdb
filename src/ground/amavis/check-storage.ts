import type { Kysely } from 'kysely'
import { CodedError } from '../errors.ts'
import type { AmavisTables } from './tables.ts'

/**
 * Proves that the storage database is amavis's, that this program can read its schema, and that its user has the rights
 * it needs. Touches no row.
 *
 * @throws CodedError STORAGE_SCHEMA_UNKNOWN that names the missing columns and the ALTER TABLE that adds them;
 *   DATABASE_GRANT_MISSING that names the GRANT; DATABASE_UNREACHABLE, DATABASE_REFUSED
 */
export async function checkStorage(storage: Kysely<AmavisTables>): Promise<void> {
  await requireColumns(storage)
  await requireRights(storage)
}

type Columns = { readonly [Table in keyof AmavisTables]?: readonly (keyof AmavisTables[Table] & string)[] }

/** The columns that this program reads. */
const NEEDED = {
  msgs: [
    'partition_tag',
    'mail_id',
    'secret_id',
    'time_num',
    'sid',
    'size',
    'content',
    'quar_type',
    'quar_loc',
    'message_id',
    'from_addr',
    'subject',
    'originating',
    'host',
  ],
  msgrcpt: [
    'partition_tag',
    'mail_id',
    'rseqnum',
    'rid',
    'is_local',
    'content',
    'ds',
    'rs',
    'bl',
    'bspam_level',
  ],
  maddr: ['id', 'email'],
} as const satisfies Columns

/** From amavisd's RELEASE_NOTES: 2.4.0 (quar_loc), 2.6.0 (partition_tag) and 2.7.0 (the others). */
const ADDED_BY: Readonly<Record<string, string>> = {
  'msgrcpt.rseqnum': 'ALTER TABLE msgrcpt ADD rseqnum integer DEFAULT 0 NOT NULL;',
  'msgrcpt.content': "ALTER TABLE msgrcpt ADD content char(1) DEFAULT ' ' NOT NULL;",
  'msgrcpt.is_local': "ALTER TABLE msgrcpt ADD is_local char(1) DEFAULT ' ' NOT NULL;",
  'msgs.originating': "ALTER TABLE msgs ADD originating char(1) DEFAULT ' ' NOT NULL;",
  'msgs.quar_loc': "ALTER TABLE msgs ADD quar_loc varchar(255) DEFAULT '';",
  'msgs.partition_tag': 'ALTER TABLE msgs ADD partition_tag integer DEFAULT 0;',
  'msgrcpt.partition_tag': 'ALTER TABLE msgrcpt ADD partition_tag integer DEFAULT 0;',
}

/**
 * Proves that the tables have the columns that this program reads.
 *
 * @throws CodedError as `checkStorage`
 */
export async function requireColumns(storage: Kysely<AmavisTables>): Promise<void> {
  const tables = await storage.introspection.getTables()
  const found = new Map(tables.map(table => [table.name, new Set(table.columns.map(column => column.name))]))
  const names = Object.keys(NEEDED) as (keyof typeof NEEDED)[]
  const missingTables = names.filter(name => !found.has(name))
  const [missingTable] = missingTables
  if (missingTable) {
    await requireRightTo(storage, missingTable)
    throw new CodedError(
      'STORAGE_SCHEMA_UNKNOWN',
      `storage database: no table ${missingTables.join(', ')}. Is storage.url the database of amavisd's @storage_sql_dsn, and may its user SELECT from these tables?`,
    )
  }
  const missing = names.flatMap(name =>
    NEEDED[name].filter(column => !found.get(name)?.has(column)).map(column => `${name}.${column}`),
  )
  if (missing.length === 0) return
  const fixes = missing.flatMap(name => ADDED_BY[name] ?? []).map(statement => `\n  ${statement}`)
  throw new CodedError(
    'STORAGE_SCHEMA_UNKNOWN',
    `storage database: no column ${missing.join(', ')}. This program needs the schema of amavisd 2.7 or later.${
      fixes.length > 0 ? ` Stop amavisd and run:${fixes.join('')}` : ''
    }`,
  )
}

/** MySQL hides a table that its user may not read. */
async function requireRightTo(storage: Kysely<AmavisTables>, table: keyof typeof NEEDED): Promise<void> {
  try {
    await storage
      .selectFrom(table)
      .select(({ val }) => val(1).as('one'))
      .limit(0)
      .execute()
  } catch (error) {
    if (error instanceof CodedError && error.code === 'DATABASE_GRANT_MISSING') throw error
  }
}

/**
 * Proves that the storage can be read and that `msgrcpt.rs` can be written. The statements match no row, but the
 * database checks the user's rights all the same.
 *
 * @throws CodedError DATABASE_GRANT_MISSING, TABLE_MISSING, DATABASE_UNREACHABLE, DATABASE_READ_ONLY, DATABASE_REFUSED
 */
export async function requireRights(storage: Kysely<AmavisTables>): Promise<void> {
  await storage.selectFrom('maddr').select('id').where('id', '<', 0).execute()
  await storage.selectFrom('msgs').select('secret_id').where('time_num', '<', 0).execute()
  await storage.selectFrom('msgrcpt').select('rs').where('rid', '<', 0).execute()
  await storage.updateTable('msgrcpt').set({ rs: 'R' }).where('rid', '<', 0).execute()
}
