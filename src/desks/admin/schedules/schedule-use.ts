import type { Database } from '../../../ground/database/database.ts'
import { jsonList } from '../../../ground/database/json-list.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { EVERYBODY } from '../../../rules/settings/scope.ts'
import type { ScheduleUsers } from '../../../work/schedules/schedule-users.ts'
import type { WarningDeps } from './schedule-warnings.ts'

export interface ScheduleUseDeps extends WarningDeps {
  readonly state: Database<StateTables>
}

/**
 * Counts how many settings name each schedule, in one query. A schedule that no settings name is missing.
 *
 * @param reach decides which readers and domains are counted; settings for everybody always are
 */
export async function schedulesUsers(
  { state }: { readonly state: Pick<Database<StateTables>, 'sql'> },
  reach: Reach,
): Promise<Map<string, ScheduleUsers>> {
  const rows = await state.sql
    .selectFrom('digest_preference')
    .select(({ fn, eb }) => [
      'schedules',
      fn.countAll().as('all'),
      fn.sum(eb.case().when('scope', 'like', '@%').then(1).else(0).end()).as('wide'),
      fn.sum(eb.case().when('scope', '=', EVERYBODY).then(1).else(0).end()).as('everybody'),
    ])
    .where('schedules', 'is not', null)
    .where(({ ref, eb, or }) => or([withinDomains(ref('scope'), reach), eb('scope', '=', EVERYBODY)]))
    .groupBy('schedules')
    .limit(MAX_LISTS)
    .execute()
  const users = new Map<string, ScheduleUsers>()
  for (const row of rows) {
    const [all, wide, everybody] = [Number(row.all), Number(row.wide), Number(row.everybody)]
    for (const name of new Set(jsonList(row.schedules))) {
      const { readers = 0, domains = 0, everybody: before = false } = users.get(name) ?? {}
      users.set(name, {
        readers: readers + all - wide,
        domains: domains + wide - everybody,
        everybody: before || everybody > 0,
      })
    }
  }
  return users
}

/** Distinct lists of schedules. There are few, unless each reader has a schedule of their own. */
const MAX_LISTS = 20_000
