import { requestsContract } from '../contracts/requests.ts'
import { STATE_SERVERS } from './state-servers.ts'

for (const server of STATE_SERVERS) requestsContract(server)
