import { createInProcessQueue } from '../../../src/ground/queue/in-process.ts'
import { queueContract } from '../../contracts/queue.ts'

queueContract({ name: 'in this process', make: createInProcessQueue })
