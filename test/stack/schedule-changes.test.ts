import { scheduleChangesContract } from '../contracts/schedule-changes.ts'
import { STATE_SERVERS } from './state-servers.ts'

for (const server of STATE_SERVERS) scheduleChangesContract(server)
