import { setTimeout as wait } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { walkAddresses } from '../../../ground/amavis/quarantine/domain-ids.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { Gate } from '../../../ground/concurrency/gate.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import { MINUTE } from '../../../ground/durations.ts'
import { domainSpellings } from './address-spellings.ts'
import { MOST_IDS } from './recipient-ids.ts'

/**
 * The ids of all addresses of some domains. Looking at all addresses may take a second: it goes on after this has
 * answered. What was found is kept for ten minutes, in which only new addresses are looked at.
 *
 * @param domains in the form of `domainName`
 * @param now milliseconds since the epoch
 * @returns undefined when they are not all found yet, and when there are too many for one statement
 */
export async function idsInDomains(
  storage: Kysely<AmavisTables>,
  domains: readonly string[],
  now: number,
): Promise<readonly number[] | undefined> {
  if (domains.length === 0) return []
  const key = JSON.stringify(domains)
  const { walks, turns } = walksOf(storage)
  const walk = await walks.get(key, { now, keep: KEPT }, async () => newWalk())
  const begin = () => walkOn(storage, domainSpellings(domains), walk)
  // Later ones are short.
  walk.going ??= (walk.last < 0 ? turns.run(begin) : begin()).finally(() => {
    walk.going = undefined
  })
  // A failure that comes later is met again by whoever asks next.
  walk.going.catch(() => undefined)
  const isDone = await Promise.race([walk.going.then(() => true), wait(PATIENCE, false, { ref: false })])
  return isDone && walk.ids.size <= MOST_IDS ? [...walk.ids] : undefined
}

const KEPT = 10 * MINUTE

/** Milliseconds. */
const PATIENCE = 40

/** How far somebody has come with the addresses. */
interface Walk {
  readonly ids: Set<number>
  last: number
  going: Promise<void> | undefined
}

const newWalk = (): Walk => ({ ids: new Set(), last: -1, going: undefined })

const walksOf = oncePerOwner((_: Kysely<AmavisTables>) => ({
  walks: new ExpiringCache<Walk>(MOST_KEPT),
  /** One at a time, so that lists are hardly slower meanwhile. */
  turns: new Gate(1),
}))

/** Admins with domains of their own, some kilobytes each. */
const MOST_KEPT = 200

async function walkOn(storage: Kysely<AmavisTables>, domains: readonly string[], walk: Walk): Promise<void> {
  // Of two addresses that come at once, the one with the lower id may be stored later.
  let after = Math.max(-1, walk.last - OVERLAP)
  while (walk.ids.size <= MOST_IDS) {
    const { ids, last } = await walkAddresses(storage, domains, after, STEP)
    for (const id of ids) walk.ids.add(id)
    if (last === undefined) return
    after = last
    walk.last = last
  }
}

/** Ids. */
const OVERLAP = 1000

/** Addresses of one statement. */
const STEP = 10_000
