import type { Logger } from 'pino'
import { gatherBatches } from '../../ground/concurrency/gather-batches.ts'
import type { WorkWatch } from '../../ground/health/work-watch.ts'
import type { Job, Queue } from '../../ground/queue/queue.ts'
import { type DeliverDeps, deliver } from '../digest/send/deliver.ts'
import { DELIVERY_BATCH } from '../digest/send/digests-to-send.ts'
import { MailsAtOnce } from '../digest/send/mails-at-once.ts'
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
  const mailsAtOnce = queue.isShared ? new MailsAtOnce(0, delivery) : delivery.mailsAtOnce
  const deliverInBatch = gatherBatches(DELIVERY_BATCH, async (digestIds, done) => {
    const dueAt = delivery.clock()
    const request = { dueAt, digestIds, signal, onAttempt: done }
    await works
      .run('sending', 'digests', () => deliver({ ...delivery, mailsAtOnce }, request))
      .catch(failed(log, 'delivering'))
  })
  const deliverAll = async (bundle: readonly Job[]) => {
    await Promise.all(bundle.map(({ id }) => deliverInBatch(id)))
  }
  await Promise.all([
    queue.work(
      'digest',
      async bundle => {
        await delivery.outage.waitUntilOver(signal)
        if (signal.aborted) return
        // All processes together have as many places as there are bundles in hand.
        if (queue.isShared) await mailsAtOnce.withAnotherPlace(() => deliverAll(bundle))
        else await deliverAll(bundle)
      },
      signal,
    ),
    queue.work(
      'release',
      async bundle => {
        const retryOne = ({ id }: Job) => retryRelease({ ...releases, stop: signal }, id)
        await works
          .run('releasing', 'again', async () => void (await Promise.all(bundle.map(retryOne))))
          .catch(failed(log, 'releasing'))
      },
      signal,
    ),
  ])
}

const failed = (log: Logger, what: string) => (error: unknown) =>
  log.error({ err: error }, `${what} failed; it is tried again`)
