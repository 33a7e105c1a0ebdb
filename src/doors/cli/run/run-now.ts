import type { WantedRun } from '../../../desks/admin/digests/run-by-hand.ts'
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
  /** Called before the first digest is sent, with the number of new ones. */
  readonly onMade?: (digests: number) => Promise<void>
  /** Called after each attempt to send a digest, which may have failed. Copies are left out. */
  readonly onSent?: () => void
}

/** What `run` does when the app is ready: makes digests, and sends them and those that were made before. */
export async function runNow(
  app: App,
  wanted: WantedRun,
  { signal, onMade, onSent }: Progress,
): Promise<RunResult> {
  await app.expireDigests()
  const made = await app.desk.digests.run(commandLineEditor(), wanted, signal)
  await onMade?.(made.digests)
  const { sent, failed, handedOver, heldBack, copies } = await app.deliver({
    dueAt: Date.now(),
    ...(made.readers ? { readers: made.readers } : {}),
    runId: made.runId,
    dueBefore: made.dueBefore,
    signal,
    patience: PATIENCE,
    onAttempt: (_, isCopy) => {
      if (!isCopy) onSent?.()
    },
  })
  return { ...made, sent, failed, handedOver, heldBack, copies }
}

/** Milliseconds to wait for amavisd, which takes some seconds to start again. */
const PATIENCE = 10 * SECOND

/** What `run --dry-run` does when the app is ready: lists the digests that `runNow` would make. */
export async function rehearseNow(app: App, wanted: WantedRun): Promise<RunResult> {
  const made = await app.desk.digests.rehearse(commandLineEditor(), wanted, Number.POSITIVE_INFINITY)
  return { ...made, sent: 0, failed: 0, handedOver: 0, heldBack: 0, copies: { sent: 0, failed: 0 } }
}
