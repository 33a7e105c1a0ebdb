import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely'

/** What is known of a server that can lose its role as the primary. */
export interface Demotion {
  /** Whether the server refused a statement because it is no primary, and has done nothing. */
  isReadOnly(error: unknown): boolean
  /** Makes the pool hand out only connections that are opened from now on. */
  distrust(): void
}

/**
 * Wraps a Kysely dialect so that no connection to a demoted primary is used again. A statement of its own that such a
 * server has refused is executed once more on a new connection; `inTransaction` repeats a whole transaction.
 */
export function repeatElsewhere(dialect: Dialect, demotion: Demotion): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: db => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => repeatingDriver(dialect.createDriver(), demotion),
  }
}

function repeatingDriver(driver: Driver, demotion: Demotion): Driver {
  const noticing = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      if (demotion.isReadOnly(error)) demotion.distrust()
      throw error
    }
  }
  const lease = (connection: DatabaseConnection): Lease => {
    if (!(connection instanceof Lease)) throw new Error('not a connection of this driver')
    return connection
  }
  return {
    init: () => driver.init(),
    acquireConnection: async () => new Lease(driver, await driver.acquireConnection(), demotion, noticing),
    beginTransaction: (connection, settings) =>
      noticing(driver.beginTransaction(lease(connection).forTransaction(), settings)),
    commitTransaction: connection => noticing(driver.commitTransaction(lease(connection).forTransaction())),
    rollbackTransaction: connection => driver.rollbackTransaction(lease(connection).forTransaction()),
    releaseConnection: connection => lease(connection).end(),
    destroy: () => driver.destroy(),
  }
}

/** A connection from when it is acquired until it is released. Its first statement may change it for another. */
class Lease implements DatabaseConnection {
  readonly #driver: Driver
  readonly #demotion: Demotion
  readonly #noticing: <T>(work: Promise<T>) => Promise<T>
  /** Undefined when the one that was refused is released and no other could be had. */
  #connection: DatabaseConnection | undefined
  #isUnused = true

  constructor(
    driver: Driver,
    connection: DatabaseConnection,
    demotion: Demotion,
    noticing: <T>(work: Promise<T>) => Promise<T>,
  ) {
    this.#driver = driver
    this.#connection = connection
    this.#demotion = demotion
    this.#noticing = noticing
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    // Later statements may depend on what earlier ones have left on their connection, such as a lock.
    const mayMove = this.#isUnused
    this.#isUnused = false
    try {
      return await this.#noticing(this.#held().executeQuery<R>(query))
    } catch (error) {
      if (!mayMove || !this.#demotion.isReadOnly(error)) throw error
      await this.end()
      this.#connection = await this.#driver.acquireConnection()
      return await this.#noticing(this.#held().executeQuery<R>(query))
    }
  }

  streamQuery<R>(query: CompiledQuery, chunkSize = 1000): AsyncIterableIterator<QueryResult<R>> {
    this.#isUnused = false
    return this.#held().streamQuery<R>(query, chunkSize)
  }

  /** The connection itself, which is kept from now on. */
  forTransaction(): DatabaseConnection {
    this.#isUnused = false
    return this.#held()
  }

  async end(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    if (connection) await this.#driver.releaseConnection(connection)
  }

  #held(): DatabaseConnection {
    if (!this.#connection) throw new Error('the connection was released')
    return this.#connection
  }
}
