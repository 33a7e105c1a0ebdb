import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type DigestGroup, isDigestOf } from '../../../work/stuck/digest-lines.ts'
import { isReleaseOf, type ReleaseGroup } from '../../../work/stuck/release-lines.ts'

export interface StuckDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** What has not come to its end, of the readers whom somebody looks after. */
export interface Stuck {
  /** Messages that no digest lists yet. */
  readonly waiting: Lot
  readonly digests: Readonly<Record<StuckDigests, Lot>>
  readonly releases: Readonly<Record<StuckReleases, Lot>>
}

export interface Lot {
  readonly count: number
  /** When the oldest one began, in milliseconds since the epoch; undefined when there is none. */
  readonly since: number | undefined
}

type StuckDigests = Extract<DigestGroup, 'putOff' | 'failed'>
type StuckReleases = Extract<ReleaseGroup, 'queued' | 'uncertain' | 'failed'>

/** Counts, along indexes, what may need somebody. */
export async function stuck({ state, clock }: StuckDeps, reach: Reach): Promise<Stuck> {
  const now = clock()
  const digests = (group: StuckDigests) => digestsOf(state, reach, group, now)
  const releases = (group: StuckReleases) => releasesOf(state, reach, group, now)
  return {
    waiting: await waiting(state, reach),
    digests: { putOff: await digests('putOff'), failed: await digests('failed') },
    releases: {
      queued: await releases('queued'),
      uncertain: await releases('uncertain'),
      failed: await releases('failed'),
    },
  }
}

const waiting = async ({ sql }: Database<StateTables>, reach: Reach): Promise<Lot> =>
  lotOf(
    await sql
      .selectFrom('digest_item')
      .select(({ fn }) => [fn.countAll().as('count'), fn.min('collected_at').as('since')])
      .where('digest_id', 'is', null)
      .where(({ ref }) => withinDomains(ref('reader'), reach))
      .executeTakeFirstOrThrow(),
  )

const digestsOf = async (
  { sql }: Database<StateTables>,
  reach: Reach,
  group: StuckDigests,
  now: number,
): Promise<Lot> =>
  lotOf(
    await sql
      .selectFrom('digest_digest')
      .select(({ fn }) => [fn.countAll().as('count'), fn.min('created_at').as('since')])
      .where(isDigestOf(group, now))
      .where(({ ref }) => withinDomains(ref('reader'), reach))
      .executeTakeFirstOrThrow(),
  )

const releasesOf = async (
  { sql }: Database<StateTables>,
  reach: Reach,
  group: StuckReleases,
  now: number,
): Promise<Lot> =>
  lotOf(
    await sql
      .selectFrom('digest_release')
      .select(({ fn }) => [fn.countAll().as('count'), fn.min('requested_at').as('since')])
      .where(isReleaseOf(group, now))
      .$if(reach !== undefined, rows =>
        rows.where(({ exists, selectFrom }) =>
          exists(
            selectFrom('digest_item')
              .select('digest_item.item_id')
              .whereRef('digest_item.item_id', '=', 'digest_release.item_id')
              .where(({ ref }) => withinDomains(ref('digest_item.reader'), reach)),
          ),
        ),
      )
      .executeTakeFirstOrThrow(),
  )

const lotOf = (row: { readonly count: unknown; readonly since: unknown }): Lot => ({
  count: Number(row.count),
  since: row.since === null ? undefined : Number(row.since),
})
