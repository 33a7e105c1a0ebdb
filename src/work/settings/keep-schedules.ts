import type { Kysely } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import { CodedError } from '../../ground/errors.ts'
import { takeTurn } from '../../ground/state/in-turn.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { listSchedules } from '../schedules/schedules.ts'

/**
 * Prevents the removal of schedules until the end of this transaction, which writes their names into settings.
 * Otherwise a later schedule of the same name would apply to readers for whom nobody meant it. To be called last, after
 * the settings are written: writing many of them takes a while, and all other changes of schedules have to wait.
 *
 * @throws CodedError EDIT_CONFLICT when one of the schedules has been removed meanwhile
 */
export async function keepSchedules(
  state: Database<StateTables>,
  sql: Kysely<StateTables>,
  names: ReadonlySet<string>,
): Promise<void> {
  if (names.size === 0) return
  await takeTurn(state, sql, 'changing-schedules')
  const there = new Set((await listSchedules({ sql })).map(({ name }) => name))
  const [gone] = names.difference(there)
  if (gone === undefined) return
  throw new CodedError(
    'EDIT_CONFLICT',
    `The schedule ${gone} was removed meanwhile. Nothing was changed: choose another one.`,
  )
}
