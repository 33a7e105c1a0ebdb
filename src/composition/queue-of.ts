import type { Logger } from 'pino'
import type { Config } from '../ground/config/schema.ts'
import { createInProcessQueue } from '../ground/queue/in-process.ts'
import type { Queue } from '../ground/queue/queue.ts'
import { DELIVERY_BATCH } from '../work/digest/send/digests-to-send.ts'

/** The queue that the configuration asks for. It connects on first use. */
export async function queueOf(config: Config, log: Logger): Promise<Queue> {
  switch (config.queue.kind) {
    case 'in-process':
      return inProcessQueue()
    case 'redis':
      return redisQueue(config, log)
  }
}

const inProcessQueue = (): Queue =>
  createInProcessQueue({
    // Two batches: the next one is prepared while one is being sent. The mailer limits the rate.
    digest: { concurrency: 2 * DELIVERY_BATCH },
    release: { concurrency: RELEASES_IN_HAND },
  })

/** More than are asked at once: each amavisd has a gate of its own, so that a slow one does not hold up the others. */
const RELEASES_IN_HAND = 50

/**
 * How many digests a worker takes at once for each of its connections. More cost Redis hardly less; fewer make batches
 * that take more statements for each digest.
 */
const DIGESTS_TOGETHER = 50

/** BullMQ is loaded only here. The limits hold for all workers together. */
async function redisQueue({ queue, smtp, delivery, release }: Config, log: Logger): Promise<Queue> {
  const amavisds = 1 + Object.keys(release.hosts).length
  const limits = {
    digest: { concurrency: delivery.connections, rate: smtp.rate, together: DIGESTS_TOGETHER },
    release: { concurrency: release.connections * amavisds },
  }
  const { url = '', prefix } = queue
  const { createBullmqQueue } = await import('../ground/queue/bullmq.ts')
  return createBullmqQueue({ url, prefix, lease: delivery.lease }, limits, log)
}
