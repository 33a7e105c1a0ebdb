import type { Gate } from '../../../ground/concurrency/gate.ts'
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
  /**
   * Lets as many mails through as there are connections, for all batches of this process together. If the process is
   * killed, at most so many mails have been accepted by the server and not been recorded.
   */
  readonly mailsAtOnce: Gate
  readonly outage: SmtpOutage
}

export interface DeliverRequest extends DigestSelection {
  readonly signal?: AbortSignal | undefined
  /** Called once for each digest and each copy that was attempted. */
  readonly onAttempt?: ((digestId: string, isCopy: boolean) => void) | undefined
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
  /** Left alone, because this process stood still and may have lost the lease, or because somebody asked meanwhile. */
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
      deps.connections,
      async digestToSend => {
        const { digest } = digestToSend
        const answer = await deps.mailsAtOnce.run(async () => {
          if (!leased.begin(digest, deps.clock())) return 'passed over'
          const mayGo = () => leased.isHeld(digest, deps.clock())
          const answer = await deliverOne(deps, digestToSend, { mayGo, patience: request.patience })
          leased.end(digest)
          return answer
        })
        if (answer === 'passed over') {
          tally.passedOver += 1
          return
        }
        const isCopy = digest.copyOf !== undefined
        const counts = isCopy ? copies : tally
        if (answer === 'sent') counts.sent += 1
        if (answer === 'held back' && !isCopy) tally.heldBack += 1
        if (answer === 'failed' || answer === 'unreachable') counts.failed += 1
        request.onAttempt?.(digest.digestId, isCopy)
        if (answer !== 'unreachable') return
        // One attempt has shown that the server is away, so the others need not be made.
        deps.outage.began()
        outage.abort()
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
