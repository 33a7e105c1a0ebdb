import { signInKindsContract } from '../contracts/sign-in-kinds.ts'
import { STATE_SERVERS } from './state-servers.ts'

for (const server of STATE_SERVERS) signInKindsContract(server)
