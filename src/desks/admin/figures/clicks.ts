import { sql } from 'kysely'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import type { Database } from '../../../ground/database/database.ts'
import { DAY, MINUTE, SECOND } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'

export interface ClicksDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** How the links in the digests of one domain's readers were used. */
export interface DomainClicks {
  readonly domain: string
  /** How often a page was fetched, by the time since its digest was delivered. Machines tend to fetch early. */
  readonly gets: {
    readonly within10s: number
    readonly within60s: number
    readonly within10m: number
    readonly later: number
  }
  /** How often the page of a release was submitted, by its button or by itself. */
  readonly posts: number
  /** How often the link that no human sees was fetched. */
  readonly canaryHits: number
  /** Digests with at least one fetched link. */
  readonly digests: number
  /** How many of these a machine was seen reading. */
  readonly digestsReadByMachines: number
}

/**
 * Counts the clicks of the last days by domain: the 200 domains with the most clicks, in that order. The figures are
 * cached for a minute, because counting 300,000 clicks blocks the process for a second on SQLite.
 *
 * @param days at most 90
 */
export async function clickFigures(
  { state, clock }: ClicksDeps,
  reach: Reach,
  { days }: { readonly days: number },
): Promise<DomainClicks[]> {
  if (reach?.length === 0) return []
  const now = clock()
  const period = Math.max(1, Math.min(MAX_DAYS, days))
  const key = JSON.stringify([reach ?? null, period])
  const keeping = { now, keep: KEPT_FOR }
  return figuresOf(state).get(key, keeping, () => figuresSince(state, reach, now - period * DAY))
}

const MAX_DAYS = 90

const KEPT_FOR = MINUTE

const figuresOf = oncePerOwner((_: Database<StateTables>) => new ExpiringCache<DomainClicks[]>(MAX_CACHED))

/** Cached answers, about a kilobyte each. */
const MAX_CACHED = 500

async function figuresSince(
  state: Database<StateTables>,
  reach: Reach,
  from: number,
): Promise<DomainClicks[]> {
  const rows = await state.sql
    .selectFrom('digest_click')
    .select('domain')
    .select(({ ref, fn }) => {
      const get = sql`${ref('method')} in ('GET', 'HEAD') and ${ref('page')} <> 'canary'`
      const after = ref('after_ms')
      const canary = sql`${ref('page')} = 'canary'`
      return [
        fn.countAll<number>().as('all'),
        countWhere(sql`${get} and ${after} < ${sql.lit(10 * SECOND)}`).as('within10s'),
        countWhere(sql`${get} and ${after} >= ${sql.lit(10 * SECOND)} and ${after} < ${sql.lit(MINUTE)}`).as(
          'within60s',
        ),
        countWhere(sql`${get} and ${after} >= ${sql.lit(MINUTE)} and ${after} < ${sql.lit(10 * MINUTE)}`).as(
          'within10m',
        ),
        countWhere(sql`${get} and (${after} is null or ${after} >= ${sql.lit(10 * MINUTE)})`).as('later'),
        countWhere(sql`${ref('method')} = 'POST' and ${ref('page')} = 'release'`).as('posts'),
        countWhere(canary).as('canaryHits'),
        sql<number>`count(distinct ${ref('digest_id')})`.as('digests'),
        sql<number>`count(distinct case when ${canary} then ${ref('digest_id')} end)`.as('machines'),
      ]
    })
    .where('at', '>=', from)
    .$if(reach !== undefined, query => query.where('domain', 'in', [...(reach ?? [])]))
    .groupBy('domain')
    .orderBy(({ fn }) => fn.countAll(), 'desc')
    .limit(MAX_LISTED_DOMAINS)
    .execute()
  return rows.map(row => ({
    domain: row.domain,
    gets: {
      within10s: Number(row.within10s),
      within60s: Number(row.within60s),
      within10m: Number(row.within10m),
      later: Number(row.later),
    },
    posts: Number(row.posts),
    canaryHits: Number(row.canaryHits),
    digests: Number(row.digests),
    digestsReadByMachines: Number(row.machines),
  }))
}

const MAX_LISTED_DOMAINS = 200

const countWhere = (condition: ReturnType<typeof sql>) =>
  sql<number>`sum(case when ${condition} then 1 else 0 end)`
