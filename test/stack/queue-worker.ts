import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { createBullmqQueue } from '../../src/ground/queue/bullmq.ts'

/** A process that works until SIGTERM, and prints each job that it begins and that it has done. */
const [url = '', prefix = '', lease, concurrency, lasting] = process.argv.slice(2)
const limit = { concurrency: Number(concurrency) }
const stopping = new AbortController()
process.once('SIGTERM', () => stopping.abort())

await using queue = createBullmqQueue(
  { url, prefix, lease: Number(lease) },
  { digest: limit, release: limit },
  pino({ enabled: false }),
)
await queue.work(
  'digest',
  async ([job]) => {
    const id = job?.id
    process.stdout.write(`begun ${id}\n`)
    await sleep(Number(lasting))
    process.stdout.write(`done ${id}\n`)
  },
  stopping.signal,
)
