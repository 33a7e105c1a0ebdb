import { connect } from '../../src/ground/database/connect.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import type { StateDatabaseMaker } from '../contracts/state-database.ts'
import type { Storage } from '../servers/storage.ts'
import { createOn } from './databases.ts'

/** The database servers that can hold our tables. */
export const STATE_SERVERS: readonly StateDatabaseMaker[] = [
  { name: 'MariaDB', hasClock: true, open: () => opened(createOn('mariadb', { empty: true })) },
  { name: 'PostgreSQL', hasClock: true, open: () => opened(createOn('postgres', { empty: true })) },
]

async function opened(created: Promise<Storage>) {
  const database = await created
  const state = connect<StateTables>('state', database.url)
  const close = async () => {
    await state[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  }
  return { state, close }
}
