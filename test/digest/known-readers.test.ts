import { knownReadersContract } from '../contracts/known-readers.ts'
import { SQLITE_STATE } from '../database/sqlite-state.ts'

knownReadersContract(SQLITE_STATE)
