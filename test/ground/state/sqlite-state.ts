import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '../../../src/ground/database/connect.ts'
import type { StateTables } from '../../../src/ground/state/state-tables.ts'
import type { StateDatabaseMaker } from '../../contracts/state-database.ts'
import { quickFolder } from '../../quick-folder.ts'

/** Our tables in an SQLite file. */
export const SQLITE_STATE: StateDatabaseMaker = {
  name: 'SQLite',
  hasClock: false,
  async open() {
    const folder = mkdtempSync(join(quickFolder(), 'amavis-digest-state-'))
    const state = connect<StateTables>('state', `sqlite://${join(folder, 'state.sqlite')}`)
    const close = async () => {
      await state[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    }
    return { state, close }
  },
}
