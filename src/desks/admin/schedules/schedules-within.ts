import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { schedulesUsers } from './schedule-use.ts'

/**
 * Lists the schedules that concern an admin of some domains: the default one, those that readers may choose, and those
 * that are set for everybody, for these domains or for their readers. The others are left out: even their names would
 * reveal something about readers of other domains.
 */
export async function schedulesWithin(
  state: Pick<Database<StateTables>, 'sql'>,
  reach: Reach,
): Promise<Schedule[]> {
  const all = await listSchedules(state)
  if (reach === undefined) return all
  const users = await schedulesUsers({ state }, reach)
  return all.filter(({ name, isDefault, isOffered }) => isDefault || isOffered || users.has(name))
}
