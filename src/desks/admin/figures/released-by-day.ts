import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import type { Day } from './days.ts'

/** By the name of the day on which a message came in, and by its content code: how many were released. */
export type ReleasedByDay = ReadonlyMap<string, ReadonlyMap<string, number>>

/**
 * Counts the releases that were asked for within a time. Whichever of the message's readers asked, and whichever of
 * their items is still kept, a message counts once.
 *
 * @param days those for which messages are counted, in their order
 */
export async function releasedByDay(
  state: Database<StateTables>,
  reach: Reach,
  days: readonly Day[],
  asked: AskedWithin,
): Promise<ReleasedByDay> {
  const rows = [...(await ownItems(state, reach, asked)), ...(await itemsOfOthers(state, reach, asked))]
  const counts = new Map<string, Map<string, number>>()
  for (const { mailAt, content } of new Map(rows.map(row => [row.released, row])).values()) {
    const day = days.findLast(({ from }) => from <= mailAt)
    if (!day || mailAt >= day.to) continue
    const ofDay = counts.get(day.name) ?? new Map<string, number>()
    counts.set(day.name, ofDay.set(content, (ofDay.get(content) ?? 0) + 1))
  }
  return counts
}

/** Milliseconds since the epoch; `to` is excluded. */
export type AskedWithin = Pick<Day, 'from' | 'to'>

interface ReleasedItem {
  readonly released: string
  readonly mailAt: number
  readonly content: string
}

/** The item that gave the release its id. */
async function ownItems(
  { sql }: Database<StateTables>,
  reach: Reach,
  asked: AskedWithin,
): Promise<ReleasedItem[]> {
  const rows = await releasesAsked(sql, asked)
    .innerJoin('digest_item', 'digest_item.item_id', 'digest_release.item_id')
    .select(['digest_item.mail_at', 'digest_item.content'])
    .where(({ ref }) => withinDomains(ref('digest_item.reader'), reach))
    .execute()
  return rows.map(({ released, mail_at: mailAt, content }) => ({ released, mailAt: Number(mailAt), content }))
}

/**
 * Items of other readers of a released message. Each release looks for its own: in a join, MariaDB would read all items,
 * because it takes those without a `held_id` for many with the same.
 */
async function itemsOfOthers(
  { sql }: Database<StateTables>,
  reach: Reach,
  asked: AskedWithin,
): Promise<ReleasedItem[]> {
  const rows = await releasesAsked(sql, asked)
    .select(({ selectFrom }) => {
      const items = selectFrom('digest_item')
        .whereRef('digest_item.held_id', '=', 'digest_release.item_id')
        .where(({ ref }) => withinDomains(ref('digest_item.reader'), reach))
      return [
        items.select(({ fn }) => fn.min('digest_item.mail_at').as('at')).as('mail_at'),
        items.select(({ fn }) => fn.min('digest_item.content').as('kind')).as('content'),
      ]
    })
    .execute()
  return rows.flatMap(({ released, mail_at: mailAt, content }) =>
    mailAt === null || content === null
      ? []
      : [{ released, mailAt: Number(mailAt), content: String(content) }],
  )
}

const releasesAsked = (sql: Database<StateTables>['sql'], { from, to }: AskedWithin) =>
  sql
    .selectFrom('digest_release')
    .select('digest_release.item_id as released')
    .where('digest_release.requested_at', '>=', from)
    .where('digest_release.requested_at', '<', to)
    .where('digest_release.state', '=', 'released')
    .limit(MAX_RELEASES)

/** Rows. If these days have more releases, the figures are too low. */
const MAX_RELEASES = 200_000
