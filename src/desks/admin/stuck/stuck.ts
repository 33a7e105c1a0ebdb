import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type CountSince, countSince, findForEach } from '../../../work/stuck/count.ts'
import { type DigestGroup, digestsInGroup } from '../../../work/stuck/digest-groups.ts'
import { type ReleaseGroup, releasesInGroup } from '../../../work/stuck/release-groups.ts'

export interface StuckDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** What waits, failed or is uncertain, for the readers within a reach. */
export interface Stuck {
  /** Messages that no digest lists yet. */
  readonly waiting: CountSince
  readonly digests: Readonly<Record<(typeof DIGESTS)[number], CountSince>>
  readonly releases: Readonly<Record<(typeof RELEASES)[number], CountSince>>
}

/** The groups that an admin may have to look at. */
const DIGESTS = ['putOff', 'failed'] as const satisfies readonly DigestGroup[]
const RELEASES = ['queued', 'uncertain', 'failed'] as const satisfies readonly ReleaseGroup[]

/** Counts what is stuck. All queries use indexes. */
export async function stuck({ state, clock }: StuckDeps, reach: Reach): Promise<Stuck> {
  const now = clock()
  const waiting = waitingItems(state).where(({ ref }) => withinDomains(ref('reader'), reach))
  const digests = (group: DigestGroup) =>
    countSince(state, digestsInGroup(state, group, now, reach).select('created_at as since'))
  const releases = (group: ReleaseGroup) =>
    countSince(state, releasesInGroup(state, group, now, reach).select('requested_at as since'))
  return {
    waiting: await countSince(state, waiting.select('collected_at as since')),
    digests: await findForEach(DIGESTS, digests),
    releases: await findForEach(RELEASES, releases),
  }
}
