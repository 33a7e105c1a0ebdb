import { setTimeout as wait } from 'node:timers/promises'
import { type DeliverDeps, type Delivered, type DeliverRequest, deliver } from './deliver.ts'
import { countDue, digestsElsewhere } from './due-digests.ts'
import { type WatchedDigests, watchDigests } from './watched-digests.ts'

export interface DeliverAllRequest extends DeliverRequest {
  /** Digests that are counted even if another process has sent them already: those of this run, … */
  readonly runId?: string | undefined
  /** … and those that were due before it, by their ids. */
  readonly dueBefore?: readonly string[] | undefined
}

export interface DeliveredUntilDone extends Omit<Delivered, 'passedOver'> {
  /**
   * Digests that other living processes took. `sent`, `failed` and `heldBack` include what has become of them. The rest
   * is still on its way.
   */
  readonly handedOver: number
}

/**
 * Delivers what is due, and takes over what a dead process left behind: its leases run out, while a living process
 * renews its leases. Returns when every digest is sent or has failed, whoever sent it, or when the SMTP server is away.
 * For living processes it waits about as long as a lease lasts.
 */
export async function deliverUntilDone(
  deps: DeliverDeps,
  request: DeliverAllRequest,
): Promise<DeliveredUntilDone> {
  const total = { sent: 0, failed: 0, heldBack: 0, outage: false }
  const copies = { sent: 0, failed: 0 }
  const watched: WatchedDigests = await watchDigests(deps.state, request)
  const onAttempt: DeliverRequest['onAttempt'] = (digestId, isCopy, wasSent) => {
    if (!isCopy) watched.isOurs(digestId, wasSent)
    request.onAttempt?.(digestId, isCopy, wasSent)
  }
  for (;;) {
    const made = await deliver(deps, { ...request, onAttempt })
    const { sent, failed, heldBack, outage } = made
    total.sent += sent
    total.failed += failed
    total.heldBack += heldBack
    copies.sent += made.copies.sent
    copies.failed += made.copies.failed
    if (outage) {
      total.failed += await countUntried(deps, request)
      total.outage = true
    }
    if (outage || request.signal?.aborted || (await isLeftToOthers(deps, request))) break
    // Digests that another transaction has locked cannot be leased yet. Asking again at once would be of no use.
    if (sent + failed + made.copies.sent + made.copies.failed === 0) await pause(request)
  }
  const others = await watched.outcomesElsewhere()
  const failedElsewhere = others.failed + others.putOff
  return {
    ...total,
    copies,
    sent: total.sent + others.sent,
    failed: total.failed + failedElsewhere,
    heldBack: total.heldBack + others.heldBack,
    handedOver: others.sent + failedElsewhere + others.heldBack + others.onTheirWay,
  }
}

/** How many digests are left untried while the server is away, apart from those that other processes have leased. */
async function countUntried(deps: DeliverDeps, request: DeliverRequest): Promise<number> {
  const due = { ...request, withoutCopies: true }
  const elsewhere = await digestsElsewhere(deps.state, due, deps.owner)
  return Math.max(0, (await countDue(deps.state, due)) - elsewhere.length)
}

/**
 * Watches the digests that other processes have leased until none is left, or until their owners have shown for the
 * time of a lease that they are alive, by renewing their leases.
 *
 * @returns false when there is work for us: a digest is free, or a lease has run out
 */
async function isLeftToOthers(deps: DeliverDeps, request: DeliverRequest): Promise<boolean> {
  const seen = new Map<string, number>()
  const renewals = new Map<string, number>()
  while (!request.signal?.aborted) {
    const elsewhere = await digestsElsewhere(deps.state, request, deps.owner)
    if (elsewhere.some(({ until }) => until <= deps.clock())) return false
    // A digest is free also while another process is about to lease or to return it: its row was locked, or is now.
    if ((await countDue(deps.state, request)) > elsewhere.length) return false
    const renewed = elsewhere.filter(({ digestId, until }) => until > (seen.get(digestId) ?? until))
    for (const { digestId, until } of elsewhere) seen.set(digestId, until)
    for (const owner of new Set(renewed.map(digest => digest.owner)))
      renewals.set(owner, (renewals.get(owner) ?? 0) + 1)
    if (elsewhere.every(({ owner }) => (renewals.get(owner) ?? 0) >= RENEWALS_PER_LEASE)) return true
    await pause(request)
  }
  return true
}

const pause = ({ signal }: DeliverRequest) => wait(LOOK_EVERY, undefined, { signal }).catch(() => undefined)

/** Milliseconds. */
const LOOK_EVERY = 250

/** A lease is renewed so often in the time that it lasts. */
const RENEWALS_PER_LEASE = 3
