import { inParallel } from '../../../ground/concurrency/in-parallel.ts'
import type { SmtpOutage } from '../../../ground/mail/smtp-outage.ts'
import { type DeliverOneDeps, deliverOne } from './deliver-one.ts'
import {
  type DigestSelection,
  digestsToSend,
  keepLeases,
  type LeaseDeps,
  returnUntouched,
} from './digests-to-send.ts'
import { LeasedDigests } from './leased-digests.ts'

export interface DeliverDeps extends DeliverOneDeps, LeaseDeps {
  readonly connections: number
  readonly outage: SmtpOutage
}

export interface DeliverRequest extends DigestSelection {
  readonly signal?: AbortSignal | undefined
  /** Called once for each digest and each copy that was attempted. */
  readonly onAttempt?: ((digestId: string, isCopy: boolean, wasSent: boolean) => void) | undefined
  /** For how many milliseconds to wait for an amavisd that cannot be asked, before digests are held back. */
  readonly patience?: number | undefined
}

/** How many digests. Copies of them are counted apart. */
export interface Delivered {
  readonly sent: number
  /** Refused, given up or put off. */
  readonly failed: number
  /** Left for later, because amavisd cannot be asked to release and their links would do nothing. */
  readonly heldBack: number
  /** What became of copies: how many were sent, and how many were refused, given up or put off. */
  readonly copies: { readonly sent: number; readonly failed: number }
  /** Whether the SMTP server was away; the remaining digests are still due then. */
  readonly outage: boolean
  /** Left alone: this process may have lost the lease, or was told to stop, or somebody has asked for it meanwhile. */
  readonly passedOver: number
}

/**
 * Sends the digests that are due, whichever process compiled them. Each is rendered from its row and its items, sent
 * under the Message-ID of its row, and recorded. Once the SMTP server is found to be away, delivery stops. The digests
 * that were not attempted stay due until the server is back.
 */
export async function deliver(deps: DeliverDeps, request: DeliverRequest): Promise<Delivered> {
  const tally = { sent: 0, failed: 0, heldBack: 0, passedOver: 0 }
  const copies = { sent: 0, failed: 0 }
  if (!(await deps.outage.isOver())) return { ...tally, copies, outage: true }
  const leased = new LeasedDigests(deps.lease)
  const outage = new AbortController()
  const stop = AbortSignal.any([outage.signal, ...(request.signal ? [request.signal] : [])])
  const toSend = digestsToSend(deps, request, leased)
  const heartbeat = keepLeases(deps, leased)
  try {
    await inParallel(
      toSend,
      deps.connections + AHEAD,
      async digestToSend => {
        const { digest } = digestToSend
        const sending = {
          begin: () => !stop.aborted && leased.begin(digest, deps.clock()),
          mayGo: () => leased.isHeld(digest, deps.clock()),
          stop: () => outage.abort(),
          patience: request.patience,
        }
        const answer = sending.mayGo() ? await deliverOne(deps, digestToSend, sending) : 'not begun'
        if (answer === 'not begun') leased.withdraw(digest)
        else leased.end(digest)
        if (answer === 'not begun' || answer === 'passed over') {
          tally.passedOver += 1
          return
        }
        const isCopy = digest.copyOf !== undefined
        const counts = isCopy ? copies : tally
        if (answer === 'sent') counts.sent += 1
        if (answer === 'held back' && !isCopy) tally.heldBack += 1
        if (answer === 'failed' || answer === 'unreachable') counts.failed += 1
        request.onAttempt?.(digest.digestId, isCopy, answer === 'sent')
        if (answer === 'unreachable') deps.outage.began()
      },
      stop,
    )
  } finally {
    await toSend.return(undefined)
    await heartbeat[Symbol.asyncDispose]()
    await returnUntouched(deps, leased.notBegun())
  }
  return { ...tally, copies, outage: outage.signal.aborted }
}

/** So many mails are rendered while all places are taken, so that no connection idles while answers are recorded. */
const AHEAD = 10
