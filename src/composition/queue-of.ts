import type { Logger } from 'pino'
import type { Config } from '../ground/config/schema.ts'
import { createInProcessQueue } from '../ground/queue/in-process.ts'
import type { Queue } from '../ground/queue/queue.ts'
import { DELIVERY_BATCH } from '../work/digest/send/digests-to-send.ts'

/** The queue that the configuration asks for. Nothing connects before it is needed, and BullMQ is loaded for Redis alone. */
export async function queueOf({ queue, smtp, delivery, release }: Config, log: Logger): Promise<Queue> {
  const releases = { concurrency: release.connections * (1 + Object.keys(release.hosts).length) }
  if (queue.kind === 'redis') {
    // For all workers together.
    const limits = { digest: { concurrency: delivery.connections, rate: smtp.rate }, release: releases }
    const { url = '', prefix } = queue
    const { createBullmqQueue } = await import('../ground/queue/bullmq.ts')
    return createBullmqQueue({ url, prefix, lease: delivery.lease }, limits, log)
  }
  // Two batches: the next one is prepared while one is being sent. The mailer sees to the rate.
  return createInProcessQueue({
    digest: { concurrency: 2 * DELIVERY_BATCH },
    release: { concurrency: RELEASES_IN_HAND },
  })
}

/** How many amavisd are asked at once is for their gates to say: one that is slow holds up no other. */
const RELEASES_IN_HAND = 50
