import { createInProcessQueue } from '../../src/queue/in-process.ts'
import { queueContract } from '../contracts/queue.ts'

queueContract({ name: 'in this process', make: createInProcessQueue })
