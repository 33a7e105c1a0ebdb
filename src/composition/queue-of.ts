import type { Logger } from 'pino'
import type { Config } from '../ground/config/schema.ts'
import { createInProcessQueue } from '../ground/queue/in-process.ts'
import type { Queue } from '../ground/queue/queue.ts'
import { DELIVERY_BATCH } from '../work/digest/send/digests-to-send.ts'

/** The queue that the configuration asks for. It connects on first use, and BullMQ is loaded only for Redis. */
export async function queueOf({ queue, smtp, delivery, release }: Config, log: Logger): Promise<Queue> {
  const releases = { concurrency: release.connections * (1 + Object.keys(release.hosts).length) }
  if (queue.kind === 'redis') {
    // These limits hold for all workers together.
    const limits = { digest: { concurrency: delivery.connections, rate: smtp.rate }, release: releases }
    const { url = '', prefix } = queue
    const { createBullmqQueue } = await import('../ground/queue/bullmq.ts')
    return createBullmqQueue({ url, prefix, lease: delivery.lease }, limits, log)
  }
  // Two batches: the next one is prepared while one is being sent. The mailer limits the rate.
  return createInProcessQueue({
    digest: { concurrency: 2 * DELIVERY_BATCH },
    release: { concurrency: RELEASES_IN_HAND },
  })
}

/** More than are asked at once: each amavisd has a gate of its own, so that a slow one does not hold up the others. */
const RELEASES_IN_HAND = 50
