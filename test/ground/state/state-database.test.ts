import { stateDatabaseContract } from '../../contracts/state-database.ts'
import { SQLITE_STATE } from './sqlite-state.ts'

stateDatabaseContract(SQLITE_STATE)
