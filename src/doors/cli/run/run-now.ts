import type { BegunByHand, WantedRun } from '../../../desks/admin/digests/run-by-hand.ts'
import { arrivals } from '../../../ground/concurrency/arrivals.ts'
import { SECOND } from '../../../ground/durations.ts'
import type { PlannedDigest } from '../../../work/digest/make/compile.ts'
import type { App } from '../../app.ts'
import { commandLineEditor } from '../editor.ts'

/** What `run` reports. */
export interface RunResult {
  readonly digests: number
  readonly items: number
  readonly sent: number
  readonly failed: number
  /** How many of its digests a running service took: the other numbers include what has become of them by now. */
  readonly handedOver: number
  /** Left for later, because amavisd cannot be asked to release. */
  readonly heldBack: number
  /** Why there is no digest for some of the named readers. */
  readonly keptBack: readonly string[]
  /** Copies of digests, which the other numbers leave out. */
  readonly copies: { readonly sent: number; readonly failed: number }
  /** Only for a dry run. */
  readonly list?: readonly PlannedDigest[]
}

/** Checks what a run needs, before anything is made. @throws CodedError what is missing, or cannot be reached */
export async function getReady(app: App): Promise<void> {
  await app.prepare()
  await app.check()
  await app.seedSchedules()
}

export interface Progress {
  readonly signal: AbortSignal
  /** Called once all digests are made, with their number. The first of them may have been sent by then. */
  readonly onMade?: (digests: number) => Promise<void>
  /** Called after each attempt to send a digest, which may have failed. Copies are left out. */
  readonly onSent?: () => void
}

/**
 * What `run` does when the app is ready: makes digests, and sends them and those that were made before. The first are
 * sent while others are being made, because making keeps the databases busy, and sending this process.
 */
export async function runNow(
  app: App,
  wanted: WantedRun,
  { signal, onMade, onSent }: Progress,
): Promise<RunResult> {
  await app.expireDigests()
  const lots = arrivals()
  const broken = new AbortController()
  const stop = AbortSignal.any([signal, broken.signal])
  const { promise: begun, resolve: onBegin } = Promise.withResolvers<BegunByHand>()
  const make = async () => {
    const progress = { signal: stop, onBegin, onLot: lots.came }
    const made = await app.desk.digests.run(commandLineEditor(), wanted, progress).finally(lots.end)
    await onMade?.(made.digests)
    return made
  }
  const making = make()
  const send = async () => {
    // Where there is nothing to make, there may be older ones to send.
    const { readers, runId, dueBefore, dueAt } = await Promise.race([begun, making])
    return app.deliver({
      dueAt,
      readers,
      runId,
      dueBefore,
      making: lots,
      signal: stop,
      patience: PATIENCE,
      onAttempt: ({ copyOf }) => {
        if (copyOf === undefined) onSent?.()
      },
    })
  }
  const [made, delivered] = await together(making, send(), broken)
  const { sent, failed, handedOver, heldBack, copies } = delivered
  return { ...made, sent, failed, handedOver, heldBack, copies }
}

/** Waits for both. If one fails, the other is told to stop. @throws what failed first */
async function together<A, B>(one: Promise<A>, other: Promise<B>, broken: AbortController): Promise<[A, B]> {
  try {
    return await Promise.all([one, other])
  } catch (error) {
    broken.abort()
    await Promise.allSettled([one, other])
    throw error
  }
}

/** Milliseconds to wait for amavisd, which takes some seconds to start again. */
const PATIENCE = 10 * SECOND

/** What `run --dry-run` does when the app is ready: lists the digests that `runNow` would make. */
export async function rehearseNow(app: App, wanted: WantedRun): Promise<RunResult> {
  const made = await app.desk.digests.rehearse(commandLineEditor(), wanted, Number.POSITIVE_INFINITY)
  return { ...made, sent: 0, failed: 0, handedOver: 0, heldBack: 0, copies: { sent: 0, failed: 0 } }
}
