import { requireColumns } from '../../ground/amavis/check-storage.ts'
import { partitionTags } from '../../ground/amavis/quarantine-state.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import { type Check, ok, proof, warn } from '../../ground/health/check.ts'
import { clockCheck, type DatabaseChecksDeps, rightsCheck } from './database-checks.ts'
import { neededInStorage, type StorageUse } from './rights.ts'

export interface StorageChecksDeps {
  readonly storage: Database<AmavisTables>
  readonly use: StorageUse
  readonly clock: () => number
  /** `delivery.lease` of the configuration, in milliseconds. */
  readonly lease: number
}

/** Checks of amavisd's database: whether it can be reached, its schema, its indexes, how it stores. */
export function storageChecks({ storage, use, clock, lease }: StorageChecksDeps): readonly Check[] {
  const deps: DatabaseChecksDeps = {
    role: 'storage',
    database: storage as unknown as Database<unknown>,
    needs: ['storage.reachable'],
  }
  return [
    proof(
      'storage.schema',
      () => requireColumns(storage.sql),
      'its tables have the columns of amavisd 2.7 or later',
      ['storage.grants'],
    ),
    rightsCheck(deps, neededInStorage(use)),
    indexCheck(deps),
    transactionCheck(deps),
    charsetCheck(deps),
    partitionCheck(storage),
    clockCheck(deps, { clock, lease }),
  ]
}

const AMAVIS_TABLES = ['msgs', 'msgrcpt', 'maddr', 'quarantine']

/** From README.sql-mysql and README.sql-pg of amavisd: what begins an index, and the index. */
const STOCK_INDEXES = [
  { name: 'msgs_idx_time_num', table: 'msgs', column: 'time_num' },
  { name: 'msgs_idx_sid', table: 'msgs', column: 'sid' },
  { name: 'msgs_idx_mess_id', table: 'msgs', column: 'message_id' },
  { name: 'msgrcpt_idx_mail_id', table: 'msgrcpt', column: 'mail_id' },
  { name: 'msgrcpt_idx_rid', table: 'msgrcpt', column: 'rid' },
]

const indexCheck = ({ database, needs }: DatabaseChecksDeps): Check => ({
  id: 'storage.indexes',
  needs,
  async run() {
    const found = await database.dialect.inspection.indexes(database.sql)
    const begins = new Set(found.map(({ table, columns }) => `${table}.${columns[0]}`))
    const missing = STOCK_INDEXES.filter(({ table, column }) => !begins.has(`${table}.${column}`))
    if (missing.length === 0) return [ok("amavisd's stock indexes are there")]
    return missing.map(({ name, table, column }) =>
      warn(
        `table ${table} has no index that begins with ${column}: what looks for it reads the whole table`,
        `As a database admin, when little mail comes in: CREATE INDEX ${name} ON ${table} (${column});`,
      ),
    )
  },
})

const transactionCheck = ({ database, needs }: DatabaseChecksDeps): Check => ({
  id: 'storage.transactions',
  needs,
  async run() {
    const found = await database.dialect.inspection.withoutTransactions(database.sql)
    const tables = found.filter(({ table }) => AMAVIS_TABLES.includes(table))
    if (tables.length === 0) return [ok('its tables take part in transactions')]
    return tables.map(({ table, engine }) =>
      warn(
        `table ${table} is stored by ${engine}, which has no transactions: a crash may leave half a message, and each change locks the whole table`,
        `Stop amavisd, then as a database admin: ALTER TABLE ${table} ENGINE=InnoDB;`,
      ),
    )
  },
})

const charsetCheck = ({ database, needs }: DatabaseChecksDeps): Check => ({
  id: 'storage.charset',
  needs,
  async run() {
    const found = await database.dialect.inspection.lossyColumns(database.sql)
    const columns = found.filter(({ table, column }) => table === 'msgs' && SHOWN.includes(column))
    if (columns.length === 0) return [ok('subjects and senders are stored with every character')]
    return columns.map(({ table, column, charset }) =>
      warn(
        `${table}.${column} is stored as ${charset}, which loses characters of other scripts, and emoji`,
        charset.toLowerCase() === charset
          ? `Stop amavisd, then as a database admin: ALTER TABLE ${table} MODIFY ${column} varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT '';`
          : `Move amavisd's tables into a database that was created WITH ENCODING 'UTF8'.`,
      ),
    )
  },
})

const SHOWN = ['subject', 'from_addr']

const partitionCheck = (storage: Database<AmavisTables>): Check => ({
  id: 'storage.partitions',
  needs: ['storage.schema', 'storage.grants'],
  async run() {
    const { lowest, highest } = await partitionTags(storage.sql)
    if (lowest === highest) return [ok('partition_tag has one value')]
    return [
      warn(
        `partition_tag is in use (from ${lowest} to ${highest}): a tag made of the week or the day comes again, and mail must be gone before that`,
        "If amavisd's $sql_partition_tag is set on purpose, let purge.olderThan be shorter than the time after which a tag recurs; otherwise remove the setting from amavisd's configuration.",
      ),
    ]
  },
})
