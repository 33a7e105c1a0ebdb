import { requestsContract } from '../../contracts/requests.ts'
import { SQLITE_STATE } from '../../ground/state/sqlite-state.ts'

requestsContract(SQLITE_STATE)
