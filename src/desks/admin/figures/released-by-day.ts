import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type CountedMessages, type CountsByDay, countByDay } from './count-by-day.ts'
import type { Day } from './days.ts'

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
): Promise<CountsByDay> {
  const items = [...(await ownItems(state, reach, asked)), ...(await itemsOfOthers(state, reach, asked))]
  return countByDay(new Map(items.map(item => [item.released, item])).values(), days)
}

/** Milliseconds since the epoch; `to` is excluded. */
export type AskedWithin = Pick<Day, 'from' | 'to'>

interface ReleasedItem extends CountedMessages {
  readonly released: string
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
  return rows.map(({ released, mail_at: mailAt, content }) => releasedItem(released, mailAt, content))
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
    mailAt === null || content === null ? [] : [releasedItem(released, mailAt, content)],
  )
}

const releasedItem = (released: string, mailAt: number, content: string): ReleasedItem => ({
  released,
  mailAt: Number(mailAt),
  content,
  count: 1,
})

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
