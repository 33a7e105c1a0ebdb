import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { AMAVIS_SCHEMA } from '../../src/demo/storage/schema.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { codedErrors } from '../../src/ground/database/coded-errors.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { sqlite } from '../../src/ground/database/sqlite.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'

/** amavis's tables and ours in one SQLite file, opened as the program opens it. */
export interface EmbeddedDatabase extends AsyncDisposable {
  /** The value for `storage.url`. */
  readonly url: string
  readonly storage: Database<AmavisTables>
  readonly state: Database<StateTables>
  /** Every statement that was executed, in order. */
  readonly statements: string[]
}

/** @param folder where the file is created */
export async function openEmbeddedDatabase(folder: string): Promise<EmbeddedDatabase> {
  const file = join(folder, 'amavis.sqlite')
  fresh ??= freshDatabase(folder)
  writeFileSync(file, await fresh)
  const url = `sqlite://${file}`
  const statements: string[] = []
  const storage = connectLogged<AmavisTables>(url, statements)
  // One connection for one file, as in the composition root.
  const state = storage as unknown as Database<StateTables>
  return { url, storage, state, statements, [Symbol.asyncDispose]: () => storage.sql.destroy() }
}

/** Created once per test file, because the migrations take a fifth of a second. */
let fresh: Promise<Buffer> | undefined

async function freshDatabase(folder: string): Promise<Buffer> {
  const file = join(folder, 'fresh.sqlite')
  const amavis = new DatabaseSync(file)
  amavis.exec(AMAVIS_SCHEMA)
  amavis.close()
  const database = connectLogged<StateTables>(`sqlite://${file}`, [])
  await migrate(database)
  // Closing the last connection writes the contents of the write-ahead log into the file.
  await database[Symbol.asyncDispose]()
  const octets = readFileSync(file)
  rmSync(file)
  return octets
}

/** Like `connect`, but records every statement that is executed. */
function connectLogged<Tables>(address: string, statements: string[]): Database<Tables> {
  const url = new URL(address)
  const { kysely, dialect } = sqlite.open(url, { connections: 1 })
  const sql = new Kysely<Tables>({
    dialect: codedErrors(kysely, 'storage', error => sqlite.explain(error, url)),
    log: event => void statements.push(event.query.sql),
  })
  return { sql, dialect, [Symbol.asyncDispose]: () => sql.destroy() }
}
