import { setTimeout as wait } from 'node:timers/promises'
import { type DeliverDeps, type Delivered, type DeliverRequest, deliver } from './deliver.ts'
import { countDue, digestsElsewhere } from './due-digests.ts'

export interface DeliveredUntilDone extends Omit<Delivered, 'passedOver'> {
  /** Digests left to other processes, which are alive. */
  readonly elsewhere: number
}

/**
 * Delivers what is due, and takes over what a dead process left behind: its leases run out, while a living process
 * renews its leases. Returns when every digest is sent, has failed or is left to a living process, or when the SMTP
 * server is away.
 */
export async function deliverUntilDone(
  deps: DeliverDeps,
  request: DeliverRequest,
): Promise<DeliveredUntilDone> {
  const total = { sent: 0, failed: 0, heldBack: 0, outage: false, elsewhere: 0 }
  for (;;) {
    const { sent, failed, heldBack, outage, passedOver } = await deliver(deps, request)
    total.sent += sent
    total.failed += failed
    total.heldBack += heldBack
    if (outage) return { ...total, failed: total.failed + (await countUntried(deps, request)), outage }
    if (request.signal?.aborted) return total
    const elsewhere = await countLeasedByLiving(deps, request)
    if (passedOver === 0 && elsewhere !== undefined) return { ...total, elsewhere }
    // Digests that another transaction has locked cannot be leased yet. Asking again at once would be of no use.
    if (sent + failed === 0) await pause(request)
  }
}

/** How many digests are left untried while the server is away, apart from those that other processes have leased. */
async function countUntried(deps: DeliverDeps, request: DeliverRequest): Promise<number> {
  const elsewhere = await digestsElsewhere(deps.state, request, deps.owner)
  return (await countDue(deps.state, request)) - elsewhere.length
}

/**
 * Watches the digests that other processes have leased until one of the leases has run out, or until all of their
 * owners have shown that they are alive by renewing a lease.
 *
 * @returns how many digests living processes have leased; undefined when a lease has run out, so that there is work
 */
async function countLeasedByLiving(deps: DeliverDeps, request: DeliverRequest): Promise<number | undefined> {
  const seen = new Map<string, number>()
  const alive = new Set<string>()
  while (!request.signal?.aborted) {
    const elsewhere = await digestsElsewhere(deps.state, request, deps.owner)
    if (elsewhere.some(({ until }) => until <= deps.clock())) return undefined
    for (const { digestId, owner, until } of elsewhere) {
      if (until > (seen.get(digestId) ?? until)) alive.add(owner)
      seen.set(digestId, until)
    }
    if (elsewhere.every(({ owner }) => alive.has(owner))) return elsewhere.length
    await pause(request)
  }
  return 0
}

const pause = ({ signal }: DeliverRequest) => wait(LOOK_EVERY, undefined, { signal }).catch(() => undefined)

/** Milliseconds. */
const LOOK_EVERY = 250
