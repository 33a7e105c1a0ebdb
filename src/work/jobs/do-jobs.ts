import type { Logger } from 'pino'
import { gatherBatches } from '../../ground/concurrency/gather-batches.ts'
import type { WorkWatch } from '../../ground/health/work-watch.ts'
import type { Queue } from '../../ground/queue/queue.ts'
import { type DeliverDeps, deliver } from '../digest/send/deliver.ts'
import { DELIVERY_BATCH } from '../digest/send/digests-to-send.ts'
import type { ReleaseDeps } from '../release/release-message.ts'
import { retryRelease } from '../release/retry-releases.ts'

export interface JobDeps {
  readonly queue: Queue
  readonly delivery: DeliverDeps
  readonly releases: ReleaseDeps
  readonly works: WorkWatch
  readonly log: Logger
}

/**
 * Works on the queue's jobs: delivers digests and asks amavisd for releases. Returns once the signal is aborted and the
 * jobs under way are finished. While the SMTP server is away, digests wait for it.
 */
export async function doJobs(
  { queue, delivery, releases, works, log }: JobDeps,
  signal: AbortSignal,
): Promise<void> {
  const deliverInBatch = gatherBatches(DELIVERY_BATCH, async (digestIds, done) => {
    const dueAt = delivery.clock()
    await works
      .run('sending', 'digests', () => deliver(delivery, { dueAt, digestIds, signal, onAttempt: done }))
      .catch(failed(log, 'delivering'))
  })
  await Promise.all([
    queue.work(
      'digest',
      async ({ id }) => {
        await delivery.outage.waitUntilOver(signal)
        if (!signal.aborted) await deliverInBatch(id)
      },
      signal,
    ),
    queue.work(
      'release',
      async ({ id }) => {
        await works
          .run('releasing', 'again', () => retryRelease({ ...releases, stop: signal }, id))
          .catch(failed(log, 'releasing'))
      },
      signal,
    ),
  ])
}

const failed = (log: Logger, what: string) => (error: unknown) =>
  log.error({ err: error }, `${what} failed; it is tried again`)
