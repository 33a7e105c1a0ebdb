import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import type { SqliteDatabase } from 'kysely'
import { SECOND } from '../durations.ts'
import { createIndexIfNotExists } from './add-missing.ts'
import type { Backend, Complaint, Dialect } from './database.ts'
import { sqliteInspection } from './inspection/sqlite-inspection.ts'
import { onConflict } from './on-conflict.ts'
import { OwnerLockedOut, refuseForeignLink, requireSharedLog } from './sqlite-owner.ts'
import { PatientSqliteDialect, patiently } from './sqlite-patience.ts'
import { dropSqliteUnique } from './sqlite-unique.ts'
import { parametersOf } from './url-parameters.ts'

/**
 * SQLite 3 through Node's own `node:sqlite`: `sqlite:///path/to/file`, with `?lockTimeout=` in milliseconds where
 * another process may hold the file for longer than 30 s.
 */
export const sqlite: Backend = {
  schemes: ['sqlite'],
  open: (url, { isReadOnly = false }) => {
    parametersOf(url, ['lockTimeout'])
    const patience = patienceOf(url)
    const database = () => patiently(() => openFile(url, isReadOnly), patience)
    return { kysely: new PatientSqliteDialect({ database }, patience), dialect }
  },
  explain,
}

const patienceOf = (url: URL): number => Number(url.searchParams.get('lockTimeout') ?? 30 * SECOND)

/** Makes `node:sqlite` look as Kysely expects it (the interface of better-sqlite3). */
function openFile(url: URL, isReadOnly: boolean): SqliteDatabase {
  if (!isReadOnly) refuseForeignLink(pathOf(url))
  requireSharedLog(pathOf(url))
  const database = new DatabaseSync(pathOf(url), { timeout: 0, readOnly: isReadOnly })
  try {
    if (!isReadOnly) prepareFile(database)
  } catch (error) {
    database.close()
    throw error
  }
  return {
    close: () => database.close(),
    prepare(sql) {
      // A transaction that reads first and writes later fails with SQLITE_BUSY_SNAPSHOT when amavisd has written in
      // between, and no busy timeout helps. Taking the write lock at the start waits instead.
      const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql)
      return {
        reader: statement.columns().length > 0,
        all: parameters => statement.all(...values(parameters)),
        run: parameters => statement.run(...values(parameters)),
        iterate: parameters => statement.iterate(...values(parameters)),
      } satisfies Pick<StatementSync, never> & ReturnType<SqliteDatabase['prepare']>
    },
  }
}

function prepareFile(database: DatabaseSync): void {
  // With a write-ahead log, readers and the one writer do not wait for each other.
  database.exec('pragma journal_mode = wal')
  // If the process is killed, nothing that was committed is lost. If the machine loses power, the last commits may be
  // lost, but the file stays intact.
  database.exec('pragma synchronous = normal')
  // The log grows during a long read, such as a backup; the limit gives the space back afterwards.
  database.exec(`pragma journal_size_limit = ${MAX_LOG_SIZE}`)
}

/** Octets. */
const MAX_LOG_SIZE = 64 * 1024 * 1024

const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]

const pathOf = (url: URL): string => fileURLToPath(`file://${url.pathname}`)

const dialect: Dialect = {
  tableOptions: undefined,
  createMissingIndex: createIndexIfNotExists,
  dropUnique: dropSqliteUnique,
  now: undefined,
  ...onConflict,
  lexis: {
    quoted: /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*.*?\*\//s,
    placeholder: /\?/,
  },
  encodingFault: async () => undefined,
  inspection: sqliteInspection,
  isCollision: () => false,
  // One writer at a time: `begin immediate` has locked the whole database already.
  lockFree: select => select,
}

async function explain(error: unknown, url: URL): Promise<Complaint | undefined> {
  if (error instanceof OwnerLockedOut) return { code: 'DATABASE_GRANT_MISSING', message: error.message }
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  const path = pathOf(url)
  if (/no such table/.test(error.message)) {
    return { code: 'TABLE_MISSING', message: `${error.message} in ${path}.` }
  }
  // The low octet is the primary result code: https://www.sqlite.org/rescode.html
  switch (error.errcode & 0xff) {
    case 8:
      return {
        code: 'DATABASE_GRANT_MISSING',
        message: `${path} is read-only for this user: chown or chmod it.`,
      }
    case 14:
      return { code: 'DATABASE_UNREACHABLE', message: `${path} cannot be opened. Does its folder exist?` }
    case 5:
    case 6:
      return {
        code: 'DATABASE_UNREACHABLE',
        message: `${path} stayed locked by another process for ${patienceOf(url) / SECOND} s.`,
      }
    case 10:
    case 13:
      return { code: 'DATABASE_UNREACHABLE', message: `${path}: ${error.message}. Is the disk full?` }
    case 11:
    case 26:
      return { code: 'DATABASE_REFUSED', message: `${path} is damaged or not an SQLite database.` }
    default:
      return undefined
  }
}
