import { afterAll } from 'vitest'
import type { Database } from '../../src/ground/database/database.ts'
import { MIGRATIONS, migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'

interface Opened {
  readonly state: Database<StateTables>
  readonly close: () => Promise<void>
}

/**
 * One database with our tables for the tests of a file, which `close` brings back to what it was after `migrate`. Making
 * the tables takes a quarter of a second, emptying them a hundredth. A test that leaves other migrations gets the next
 * one a new database.
 *
 * @param open opens a new and empty database
 * @returns opens it; call this while vitest collects tests
 */
export function migratedOnce(open: () => Promise<Opened>): () => Promise<Opened> {
  let opened: (Opened & { readonly initial: Rows }) | undefined
  const drop = async () => {
    const dropped = opened
    opened = undefined
    await dropped?.close()
  }
  afterAll(drop)
  return async () => {
    if (opened === undefined) {
      const { state, close } = await open()
      await migrate(state)
      opened = { state, close, initial: await rowsOf(state) }
    }
    const { state, initial } = opened
    const close = async () => {
      if (await isMigrated(state)) await restore(state, initial)
      else await drop()
    }
    return { state, close }
  }
}

/** The rows of each table. Migrations write some. */
type Rows = ReadonlyMap<string, readonly unknown[]>

async function rowsOf(state: Database<StateTables>): Promise<Rows> {
  const tables = await state.sql.introspection.getTables()
  const names = tables.map(({ name }) => name).filter(name => !name.startsWith('digest_migration'))
  const rows = new Map<string, readonly unknown[]>()
  for (const name of names) rows.set(name, await rowsIn(state, name))
  return rows
}

const rowsIn = (state: Database<StateTables>, table: string): Promise<unknown[]> =>
  state.sql
    .selectFrom(table as never)
    .selectAll()
    .execute()

async function isMigrated(state: Database<StateTables>): Promise<boolean> {
  const applied = (await rowsIn(state, 'digest_migration')) as readonly { readonly name: string }[]
  return applied.length === MIGRATIONS.length && applied.every(({ name }) => NAMES.has(name))
}

const NAMES = new Set(MIGRATIONS.map(({ name }) => name))

async function restore(state: Database<StateTables>, initial: Rows): Promise<void> {
  for (const [name, rows] of initial) {
    await state.sql.deleteFrom(name as never).execute()
    if (rows.length > 0) {
      await state.sql
        .insertInto(name as never)
        .values(rows as never)
        .execute()
    }
  }
}
