import { knownReadersContract } from '../../../contracts/known-readers.ts'
import { SQLITE_STATE } from '../../../ground/state/sqlite-state.ts'

knownReadersContract(SQLITE_STATE)
