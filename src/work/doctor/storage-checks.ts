import { requireColumns } from '../../ground/amavis/check-storage.ts'
import { chunksAfter } from '../../ground/amavis/quarantine/quarantined-text.ts'
import { partitionTags, recurredTag } from '../../ground/amavis/quarantine-state.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import { type Check, type Finding, ok, proof, warn } from '../../ground/health/check.ts'
import { clockCheck, type DatabaseChecksDeps, rightsCheck } from './database-checks.ts'
import { neededInStorage, type StorageUse } from './rights.ts'
import { unlessForbidden } from './unless-forbidden.ts'

export interface StorageChecksDeps {
  readonly storage: Database<AmavisTables>
  readonly use: StorageUse
  readonly clock: () => number
  /** `delivery.lease` of the configuration, in milliseconds. */
  readonly lease: number
  /** `doctor.partitioned` of the configuration. */
  readonly hasPartitions: boolean
}

/** Checks of amavisd's database: whether it can be reached, its schema, its indexes, how it stores. */
export function storageChecks({
  storage,
  use,
  clock,
  lease,
  hasPartitions,
}: StorageChecksDeps): readonly Check[] {
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
    partitionCheck(storage, hasPartitions),
    textsCheck(storage),
    clockCheck(deps, { clock, lease }),
  ]
}

/** Accounts from before held messages could be opened lack the right. Digests and releases do without it. */
const textsCheck = (storage: Database<AmavisTables>): Check => ({
  id: 'storage.texts',
  needs: ['storage.grants'],
  async run() {
    const read = await unlessForbidden(chunksAfter(storage.sql, NO_MESSAGE, 0).execute())
    if (!('status' in read)) return [ok('held messages can be opened')]
    return [{ ...read, status: 'warn', message: `${read.message} So nobody can look into a held message` }]
  },
})

const NO_MESSAGE = { partitionTag: 0, mailId: '' }

const AMAVIS_TABLES = ['msgs', 'msgrcpt', 'maddr', 'quarantine']

interface StockIndex {
  readonly table: string
  /** What an index begins with that serves as well. */
  readonly begins: readonly string[]
  /** The stock one, by the statement that makes it. */
  readonly make: string
}

const byColumn = (name: string, table: string, column: string): StockIndex => ({
  table,
  begins: [column],
  make: `CREATE INDEX ${name} ON ${table} (${column});`,
})

/** Older tables have the keys of messages without the partition tag. */
const byMessage = (table: string, rest: string): StockIndex => ({
  table,
  begins: ['partition_tag,mail_id', 'mail_id'],
  make: `ALTER TABLE ${table} ADD PRIMARY KEY (partition_tag, mail_id${rest});`,
})

/** From README.sql-mysql and README.sql-pg of amavisd. */
const STOCK_INDEXES: readonly StockIndex[] = [
  byColumn('msgs_idx_time_num', 'msgs', 'time_num'),
  byColumn('msgs_idx_sid', 'msgs', 'sid'),
  byColumn('msgs_idx_mess_id', 'msgs', 'message_id'),
  byColumn('msgrcpt_idx_mail_id', 'msgrcpt', 'mail_id'),
  byColumn('msgrcpt_idx_rid', 'msgrcpt', 'rid'),
  byMessage('msgs', ''),
  byMessage('msgrcpt', ', rseqnum'),
  byMessage('quarantine', ', chunk_ind'),
  {
    table: 'maddr',
    begins: ['partition_tag,email', 'email'],
    make: 'ALTER TABLE maddr ADD CONSTRAINT part_email UNIQUE (partition_tag, email);',
  },
]

const indexCheck = ({ database, needs }: DatabaseChecksDeps): Check => ({
  id: 'storage.indexes',
  needs,
  async run() {
    const { sql, dialect } = database
    const found = await dialect.inspection.indexes(sql)
    // MySQL hides a table that its user may not read, and its indexes.
    const seen = new Set((await sql.introspection.getTables()).map(({ name }) => name.toLowerCase()))
    const isThere = ({ table, begins }: StockIndex) =>
      found.some(
        index => index.table === table && begins.some(start => `${index.columns},`.startsWith(`${start},`)),
      )
    const missing = STOCK_INDEXES.filter(index => seen.has(index.table) && !isThere(index))
    if (missing.length === 0) return [ok("amavisd's stock indexes are there")]
    return missing.map(({ table, begins, make }) =>
      warn(
        `table ${table} has no index that begins with ${begins[0]?.replace(',', ', ')}: what looks for it reads the whole table`,
        `As a database admin, when little mail comes in: ${make}`,
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
    const columns = found.filter(({ table, column }) => SHOWN.includes(`${table}.${column}`))
    if (columns.length === 0) return [ok('subjects and addresses are stored with every character')]
    return columns.map(({ table, column, charset }) =>
      warn(
        `${table}.${column} is stored as ${charset}, which loses characters of other scripts, and emoji`,
        charset.toLowerCase() === charset
          ? `Stop amavisd, then as a database admin: ALTER TABLE ${table} MODIFY ${column} ${TYPES[column] ?? TEXT};`
          : `Move amavisd's tables into a database that was created WITH ENCODING 'UTF8'.`,
      ),
    )
  },
})

const SHOWN = ['msgs.subject', 'msgs.from_addr', 'maddr.email']

const TEXT = "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT ''"

/** Addresses are octets, by amavisd's README. */
const TYPES: Readonly<Record<string, string>> = { email: 'varbinary(255) NOT NULL' }

const partitionCheck = (storage: Database<AmavisTables>, isExpected: boolean): Check => ({
  id: 'storage.partitions',
  needs: ['storage.schema', 'storage.grants'],
  async run() {
    const { lowest, highest } = await partitionTags(storage.sql)
    if (lowest === highest) return [ok('partition_tag has one value')]
    return [isExpected ? await recurrence(storage) : inUse(lowest, highest)]
  },
})

const inUse = (lowest: number, highest: number): Finding =>
  warn(
    `partition_tag is in use (from ${lowest} to ${highest}): a tag made of the week or the day comes again, and mail must be gone before that`,
    "If amavisd's $sql_partition_tag is set on purpose, set doctor.partitioned: true, and let purge.olderThan be shorter than the time after which a tag recurs; otherwise remove the setting from amavisd's configuration.",
  )

async function recurrence(storage: Database<AmavisTables>): Promise<Finding> {
  const found = await recurredTag(storage.sql)
  if (found === undefined)
    return ok('partition_tag is in use as expected, and no tag has come again too early')
  return warn(
    `partition_tag ${found.tag} has come again while its mail of ${new Date(found.oldest).toISOString().slice(0, 10)} was left: who empties that partition loses new mail`,
    'Let purge.olderThan be shorter than the time after which a tag recurs, and see that old mail is purged.',
  )
}
