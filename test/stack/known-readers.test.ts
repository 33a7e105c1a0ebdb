import { knownReadersContract } from '../contracts/known-readers.ts'
import { STATE_SERVERS } from './state-servers.ts'

for (const server of STATE_SERVERS) knownReadersContract(server)
