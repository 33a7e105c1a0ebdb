import { inject } from 'vitest'
import { connect } from '../../src/database/connect.ts'
import type { StateTables } from '../../src/database/state-tables.ts'
import { stateDatabaseContract } from '../contracts/state-database.ts'
import { createPostgresDatabase } from '../servers/postgres-database.ts'
import { createStorage } from '../servers/storage.ts'

stateDatabaseContract({
  name: 'MariaDB',
  open: () => opened(createStorage(inject('mariaDb'), { empty: true })),
})

stateDatabaseContract({
  name: 'PostgreSQL',
  open: () => opened(createPostgresDatabase(inject('postgres'))),
})

async function opened(made: Promise<AsyncDisposable & { readonly url: string }>) {
  const database = await made
  const state = connect<StateTables>('state', database.url)
  const close = async () => {
    await state[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  }
  return { state, close }
}
