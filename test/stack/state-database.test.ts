import { inject } from 'vitest'
import { connect } from '../../src/database/connect.ts'
import type { StateTables } from '../../src/database/state-tables.ts'
import { stateDatabaseContract } from '../contracts/state-database.ts'
import { createStorage } from '../servers/storage.ts'

stateDatabaseContract({
  name: 'MariaDB',
  async open() {
    const database = await createStorage(inject('mariaDb'), { empty: true })
    const state = connect<StateTables>('state', database.url)
    const close = async () => {
      await state[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    }
    return { state, close }
  },
})
