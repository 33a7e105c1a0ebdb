import type {
  CreateIndexBuilder,
  DatabaseConnection,
  InsertQueryBuilder,
  Kysely,
  Dialect as KyselyDialect,
  RawBuilder,
  SelectQueryBuilder,
} from 'kysely'
import type { ErrorCode } from '../errors.ts'

/** An open database: SQL through Kysely, and what its dialect can do beyond the common words. */
export interface Database<Tables> extends AsyncDisposable {
  readonly sql: Kysely<Tables>
  readonly dialect: Dialect
  /** Its connections now; a database that is a file has none. */
  readonly pool?: (() => PoolFigures) | undefined
}

export interface PoolFigures {
  /** Connections, in use or not. */
  readonly size: number
  /** Connections that nobody uses now. */
  readonly idle: number
  /** Statements and transactions that wait for a connection. */
  readonly waiting: number
}

/**
 * What differs between the databases, as data and small functions. Nothing outside `database/` asks which database
 * it is talking to.
 */
export interface Dialect {
  /** Appended to CREATE TABLE, so that keys compare octet by octet: mail ids differ by case alone. */
  readonly tableOptions: RawBuilder<unknown> | undefined

  /** Creates an index, unless there is one of that name. */
  createMissingIndex(index: CreateIndexBuilder): Promise<void>

  /**
   * The server's clock, in milliseconds since the epoch; undefined for a database that is a file, and has none. Not
   * the statement's time zone nor the transaction's begin take part.
   */
  readonly now: RawBuilder<number> | undefined

  /** Makes an INSERT leave rows alone of which any unique key is already there. @param key one of these */
  insertNew<DB, TB extends keyof DB, O>(
    insert: InsertQueryBuilder<DB, TB, O>,
    key: KeyColumns<DB, TB>,
  ): InsertQueryBuilder<DB, TB, O>

  /** Makes an INSERT overwrite `columns` of the row whose key is already there. */
  insertOrUpdate<DB, TB extends keyof DB, O>(
    insert: InsertQueryBuilder<DB, TB, O>,
    key: KeyColumns<DB, TB>,
    columns: KeyColumns<DB, TB>,
  ): InsertQueryBuilder<DB, TB, O>

  /** Whether a transaction failed only because another one was in its way, and may simply be made again. */
  isCollision(error: unknown): boolean

  /** Locks the selected rows for this transaction and passes over those that another one has locked. */
  lockFree<DB, TB extends keyof DB, O>(select: SelectQueryBuilder<DB, TB, O>): SelectQueryBuilder<DB, TB, O>
}

export type KeyColumns<DB, TB extends keyof DB> = readonly (keyof DB[TB] & string)[]

/** One kind of database: how to reach it, and how to read its complaints. */
export interface Backend {
  /** Of the URLs that name such a database, without the colon. */
  readonly schemes: readonly string[]
  /** @throws CodedError CONFIG_INVALID, when the URL holds what it should not */
  open(url: URL): Opened
  /**
   * What a driver's error means; undefined when the driver's own words say it best.
   * @param connection on which the statement failed, if it was one; it may be asked who we are
   */
  explain(error: unknown, url: URL, connection?: DatabaseConnection): Promise<Complaint | undefined>
}

export interface Opened {
  readonly kysely: KyselyDialect
  readonly dialect: Dialect
  readonly pool?: () => PoolFigures
}

export interface Complaint {
  readonly code: ErrorCode
  /** What is wrong and what to do, without secrets. */
  readonly message: string
}
