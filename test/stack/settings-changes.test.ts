import { settingsChangesContract } from '../contracts/settings-changes.ts'
import { STATE_SERVERS } from './state-servers.ts'

for (const server of STATE_SERVERS) settingsChangesContract(server)
