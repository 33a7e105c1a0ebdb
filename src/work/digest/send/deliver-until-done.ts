import { setTimeout as wait } from 'node:timers/promises'
import { type DeliverDeps, type Delivered, type DeliverRequest, deliver } from './deliver.ts'
import { countDue, digestsElsewhere } from './due-digests.ts'

export interface DeliveredUntilDone extends Omit<Delivered, 'passedOver'> {
  /** In the hands of living processes. */
  readonly elsewhere: number
}

/**
 * Delivers what is due, and takes over what a process left behind that died: its leases run out, where a living one
 * renews them. Ends when all of it is sent, has failed, or is in the hands of a living process, or when the SMTP
 * server is away.
 */
export async function deliverUntilDone(
  deps: DeliverDeps,
  request: DeliverRequest,
): Promise<DeliveredUntilDone> {
  const total = { sent: 0, failed: 0, outage: false, elsewhere: 0 }
  for (;;) {
    const { sent, failed, outage, passedOver } = await deliver(deps, request)
    total.sent += sent
    total.failed += failed
    if (outage) return { ...total, failed: total.failed + (await countUntried(deps, request)), outage }
    if (request.signal?.aborted) return total
    const elsewhere = await livingHands(deps, request)
    if (passedOver === 0 && elsewhere !== undefined) return { ...total, elsewhere }
    // What another transaction has locked cannot be leased yet: not to ask again at once.
    if (sent + failed === 0) await pause(request)
  }
}

/** What nobody has in hand while the server is away. */
async function countUntried(deps: DeliverDeps, request: DeliverRequest): Promise<number> {
  const elsewhere = await digestsElsewhere(deps.state, request, deps.owner)
  return (await countDue(deps.state, request)) - elsewhere.length
}

/**
 * Watches what other processes have leased until one of the leases has run out, or all of their owners have shown that
 * they are alive by renewing one.
 *
 * @returns how many living processes have in hand; undefined when a lease has run out, so that there is work
 */
async function livingHands(deps: DeliverDeps, request: DeliverRequest): Promise<number | undefined> {
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
