import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely'

/**
 * Waits for another process's lock between statements, not inside one: `node:sqlite` waits synchronously, and the whole
 * process would stand still meanwhile (4.8 s were measured with four processes that write).
 */
export class PatientSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig
  readonly #patience: number

  /** @param patience how long to keep trying a statement, in milliseconds */
  constructor(config: SqliteDialectConfig, patience: number) {
    super(config)
    this.#config = config
    this.#patience = patience
  }

  override createDriver(): SqliteDriver {
    return new PatientDriver(this.#config, this.#patience)
  }
}

/** Tries until nobody else holds the lock, but no longer than `patience` milliseconds; then throws the last error. */
export async function patiently<Result>(
  work: () => Result | Promise<Result>,
  patience: number,
): Promise<Result> {
  const end = performance.now() + patience
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw error
      await wait(pause(tries))
    }
  }
}

class PatientDriver extends SqliteDriver {
  readonly #patience: number
  #connection: PatientConnection | undefined

  constructor(config: SqliteDialectConfig, patience: number) {
    super(config)
    this.#patience = patience
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= new PatientConnection(await super.acquireConnection(), this.#patience)
    return this.#connection
  }
}

/** One for the whole process. A statement that found the file locked has done nothing yet, so it may be repeated. */
class PatientConnection implements DatabaseConnection {
  readonly #inner: DatabaseConnection
  readonly #patience: number
  #turnedAt = 0

  constructor(inner: DatabaseConnection, patience: number) {
    this.#inner = inner
    this.#patience = patience
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    await this.#letOthersWork()
    return patiently(() => this.#inner.executeQuery<Row>(query), this.#patience)
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize = 1000): AsyncIterableIterator<QueryResult<Row>> {
    return this.#inner.streamQuery<Row>(query, chunkSize)
  }

  /** None of these statements truly waits, so a series of them would leave no room for pages, timers and signals. */
  async #letOthersWork(): Promise<void> {
    if (performance.now() - this.#turnedAt < MAX_TURN) return
    await nextTurn()
    this.#turnedAt = performance.now()
  }
}

/** SQLITE_BUSY in all its variants; the low octet is the primary result code: https://www.sqlite.org/rescode.html */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5

/** Milliseconds. */
const MAX_TURN = 10

/** Random, in milliseconds: SQLite keeps no queue, and fixed pauses could make the same process lose every time. */
const pause = (tries: number): number => 1 + Math.random() * Math.min(2 ** tries, MAX_PAUSE)

const MAX_PAUSE = 10
