import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely'
import { oncePerOwner } from '../concurrency/once.ts'
import { CodedError } from '../errors.ts'
import type { Complaint } from './database.ts'

/**
 * Wraps a Kysely dialect so that every failure of connecting or of a statement leaves it as a CodedError that names
 * the database by its role.
 */
export function codedErrors(dialect: Dialect, role: string, explain: Explain): Dialect {
  const coded: Coded = async (work, connection, statement) => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof CodedError) throw error
      const complaint = await explain(error, connection, statement)
      if (!complaint) throw error
      throw new CodedError(complaint.code, `${role} database: ${complaint.message}`, { cause: error })
    }
  }
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: db => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => codedDriver(dialect.createDriver(), coded),
  }
}

/**
 * @param connection the one on which a statement failed; undefined if connecting failed
 * @param statement its SQL
 */
export type Explain = (
  error: unknown,
  connection?: DatabaseConnection,
  statement?: string,
) => Promise<Complaint | undefined>

type Coded = <T>(work: () => Promise<T>, connection?: DatabaseConnection, statement?: string) => Promise<T>

function codedDriver(driver: Driver, coded: Coded): Driver {
  const codedOf = oncePerOwner((connection: DatabaseConnection) => new CodedConnection(connection, coded))
  const inner = (connection: DatabaseConnection) =>
    connection instanceof CodedConnection ? connection.inner : connection
  return {
    init: () => coded(() => driver.init()),
    async acquireConnection() {
      return codedOf(await coded(() => driver.acquireConnection()))
    },
    beginTransaction: (connection, settings) =>
      coded(() => driver.beginTransaction(inner(connection), settings)),
    commitTransaction: connection => coded(() => driver.commitTransaction(inner(connection))),
    // A rollback fails when the connection is lost, and then the database rolls back by itself. The error to report
    // is the earlier one.
    rollbackTransaction: connection => driver.rollbackTransaction(inner(connection)).catch(() => undefined),
    releaseConnection: connection => driver.releaseConnection(inner(connection)),
    // Closing a connection that the other side has already closed is not a failure either.
    destroy: () => driver.destroy().catch(() => undefined),
  }
}

class CodedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection
  readonly #coded: Coded

  constructor(inner: DatabaseConnection, coded: Coded) {
    this.inner = inner
    this.#coded = coded
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#coded(() => this.inner.executeQuery<R>(query), this.inner, query.sql)
  }

  streamQuery<R>(query: CompiledQuery, chunkSize = 1000): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize)
  }
}
