import { sql } from 'kysely'
import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import { MINUTE } from '../../../ground/durations.ts'
import { heldIdOfItem } from '../../../ground/state/item-and-release.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { DigestState } from '../../../ground/state/states.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type CountsByDay, countByDay } from './count-by-day.ts'
import type { Day } from './days.ts'

/**
 * Counts the messages that only unsent digests (pending, dropped or empty) list. There are few of these, so they are
 * found by their digests, for all days at once.
 */
export async function unsentByDay(
  state: Database<StateTables>,
  reach: Reach,
  days: readonly Day[],
): Promise<CountsByDay> {
  const rows = await state.sql
    .selectFrom('digest_digest')
    .innerJoin('digest_item', 'digest_item.digest_id', 'digest_digest.digest_id')
    .select(({ fn }) => [
      'digest_item.content',
      QUARTER.as('quarter'),
      fn.count<number>(heldIdOfItem()).distinct().as('unsent'),
    ])
    .where('digest_digest.state', 'in', UNSENT)
    // A digest that is being resent was sent before.
    .where('digest_digest.resent', 'is', null)
    .where('digest_item.mail_at', '>=', days[0]?.from ?? 0)
    .where(({ ref }) => withinDomains(ref('digest_item.reader'), reach))
    .where(sentToOthers(state, reach, 'item_id'), '=', 0)
    .where(sentToOthers(state, reach, 'held_id'), '=', 0)
    .groupBy(['digest_item.content', QUARTER])
    .execute()
  const counted = rows.map(({ content, quarter, unsent }) => ({
    mailAt: Number(quarter),
    content,
    count: Number(unsent),
  }))
  return countByDay(counted, days)
}

/** When the quarter of an hour began in which a message came in: in all time zones, days begin with one. */
const QUARTER = sql<number>`digest_item.mail_at - digest_item.mail_at % ${sql.lit(15 * MINUTE)}`

const UNSENT: DigestState[] = ['pending', 'dropped', 'empty']

/** How many sent digests list the message of `digest_item` to others of its readers. One query for each index. */
const sentToOthers = ({ sql }: Database<StateTables>, reach: Reach, column: 'item_id' | 'held_id') =>
  sql
    .selectFrom('digest_item as other')
    .innerJoin('digest_digest as theirs', 'theirs.digest_id', 'other.digest_id')
    .select(({ fn }) => fn.countAll<number>().as('digests'))
    .where(`other.${column}`, '=', heldIdOfItem())
    .where(row => row.or([row('theirs.state', 'not in', UNSENT), row('theirs.resent', 'is not', null)]))
    .where(({ ref }) => withinDomains(ref('other.reader'), reach))
