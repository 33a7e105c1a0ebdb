import { stateDatabaseContract } from '../contracts/state-database.ts'
import { STATE_SERVERS } from './state-servers.ts'

for (const server of STATE_SERVERS) stateDatabaseContract(server)
