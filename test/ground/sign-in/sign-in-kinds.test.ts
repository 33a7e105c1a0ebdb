import { signInKindsContract } from '../../contracts/sign-in-kinds.ts'
import { SQLITE_STATE } from '../state/sqlite-state.ts'

signInKindsContract(SQLITE_STATE)
