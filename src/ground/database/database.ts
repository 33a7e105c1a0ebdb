import type {
  CreateIndexBuilder,
  DatabaseConnection,
  InsertQueryBuilder,
  InsertResult,
  Kysely,
  Dialect as KyselyDialect,
  RawBuilder,
  SelectQueryBuilder,
} from 'kysely'
import type { ErrorCode } from '../errors.ts'
import type { Inspection } from './inspection/inspection.ts'
import type { Demotion } from './repeat-elsewhere.ts'

/** An open database: SQL through Kysely, and what its dialect does differently. */
export interface Database<Tables> extends AsyncDisposable {
  readonly sql: Kysely<Tables>
  readonly dialect: Dialect
  /** The state of its connection pool; undefined for a database that is a file. */
  readonly pool?: (() => PoolFigures) | undefined
}

export interface PoolFigures {
  /** Connections, in use or not. */
  readonly size: number
  /** Connections that are not in use. */
  readonly idle: number
  /** Statements and transactions that wait for a connection. */
  readonly waiting: number
}

/**
 * The differences between the databases, as data and small functions. Nothing outside `database/` asks which database
 * it is talking to.
 */
export interface Dialect {
  /** Appended to CREATE TABLE, so that keys compare octet by octet: mail ids may differ by case alone. */
  readonly tableOptions: RawBuilder<unknown> | undefined

  /** Creates an index, unless one of that name exists. */
  createMissingIndex(index: CreateIndexBuilder): Promise<void>

  /** Drops a unique constraint that was made with its table, if the table still has it. */
  dropUnique(db: Kysely<unknown>, table: string, constraint: string): Promise<void>

  /**
   * The server's clock, in milliseconds since the epoch; undefined for a database that is a file, which has no clock.
   * It depends neither on the session's time zone nor on when the transaction began.
   */
  readonly now: RawBuilder<number> | undefined

  /** Makes an INSERT skip rows that collide with an existing row on any unique key. @param key one of these keys */
  insertNew<DB, TB extends keyof DB, O>(
    insert: InsertQueryBuilder<DB, TB, O>,
    key: KeyColumns<DB, TB>,
  ): InsertQueryBuilder<DB, TB, O>

  /** Inserts one row, unless it collides with an existing one on any unique key. @returns whether it did insert it */
  insertIfNew<DB, TB extends keyof DB>(insert: InsertQueryBuilder<DB, TB, InsertResult>): Promise<boolean>

  /** Makes an INSERT overwrite `columns` of the row that already has this key. */
  insertOrUpdate<DB, TB extends keyof DB, O>(
    insert: InsertQueryBuilder<DB, TB, O>,
    key: KeyColumns<DB, TB>,
    columns: KeyColumns<DB, TB>,
  ): InsertQueryBuilder<DB, TB, O>

  /** How its SQL is read, for a statement that an admin has written. */
  readonly lexis: Lexis

  /** Resolves to what is wrong with a database that cannot store every character, and what to do; else undefined. */
  encodingFault(database: Kysely<unknown>): Promise<string | undefined>

  /** What its catalogue says about tables and rights. */
  readonly inspection: Inspection

  /** Whether a transaction failed only because it collided with another one, and may simply be repeated. */
  isCollision(error: unknown): boolean

  /** Locks the selected rows for this transaction and skips those that another transaction has locked. */
  lockFree<DB, TB extends keyof DB, O>(select: SelectQueryBuilder<DB, TB, O>): SelectQueryBuilder<DB, TB, O>
}

export type KeyColumns<DB, TB extends keyof DB> = readonly (keyof DB[TB] & string)[]

/** The parts of a text of SQL in which databases differ. */
export interface Lexis {
  /** A string, a quoted name or a comment: nothing in it is a placeholder. To be used with the flag `s`. */
  readonly quoted: RegExp
  /** What the driver takes for a placeholder outside of these. */
  readonly placeholder: RegExp
}

/** One kind of database: how to open it, and what its errors mean. */
export interface Backend {
  /** The URL schemes of such a database, without the colon. */
  readonly schemes: readonly string[]
  /** @throws CodedError CONFIG_INVALID when the URL has an unknown parameter or a bad value */
  open(url: URL, options: OpenOptions): Opened
  /**
   * What a driver's error means; undefined when the driver's own message says it best.
   * @param connection the one on which a statement failed, if any; it may be asked which account we use
   * @param statement its SQL
   * @param role what we use the database for: `storage`, `state` or `directory`
   */
  explain(
    error: unknown,
    url: URL,
    connection?: DatabaseConnection,
    statement?: string,
    role?: string,
  ): Promise<Complaint | undefined>
}

export interface OpenOptions {
  /** How many connections may be open at once; without meaning for a database that is a file. */
  readonly connections: number
  /** Somebody else's data, which we only read: the database refuses every change. */
  readonly isReadOnly?: boolean | undefined
  /** How long a statement may take on a server, in milliseconds; a minute by default. */
  readonly statementTimeout?: number | undefined
}

export interface Opened {
  readonly kysely: KyselyDialect
  readonly dialect: Dialect
  readonly pool?: () => PoolFigures
  /** Undefined for a database that is a file. */
  readonly demotion?: Demotion
}

export interface Complaint {
  readonly code: ErrorCode
  /** What is wrong and what to do, without secrets. */
  readonly message: string
}
