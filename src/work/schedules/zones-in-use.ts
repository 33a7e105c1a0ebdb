import type { Database } from '../../ground/database/database.ts'
import { withinDomains } from '../../ground/database/within-domains.ts'
import { storedTimeZone } from '../../ground/i18n/time-zone-name.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Reach } from '../../rules/reach/reach.ts'
import type { ZoneInUse } from '../../rules/schedule/missed-runs.ts'
import { EVERYBODY } from '../../rules/settings/scope.ts'

export interface ZonesInUse {
  readonly zones: readonly ZoneInUse[]
  /** Values in the table that are no time zones, perhaps written directly into the database. They have no effect. */
  readonly unreadable: readonly string[]
}

/**
 * The time zones of readers: the standard one, and those that are set for readers, domains and everybody.
 *
 * @param reach only the readers within this reach
 */
export async function zonesInUse(
  state: Database<StateTables>,
  standard: string,
  reach?: Reach,
): Promise<ZonesInUse> {
  const rows = await state.sql
    .selectFrom('digest_preference')
    .select(({ fn }) => ['time_zone', fn.min(fn.coalesce('zone_since', 'updated_at')).as('since')])
    .where('time_zone', 'is not', null)
    .where(({ ref, eb, or }) => or([withinDomains(ref('scope'), reach), eb('scope', '=', EVERYBODY)]))
    .groupBy('time_zone')
    .execute()
  const found = rows.flatMap(({ time_zone: timeZone, since }) =>
    timeZone === null || timeZone === standard ? [] : [{ timeZone, since: Number(since) }],
  )
  return {
    zones: [{ timeZone: standard, since: 0 }, ...found.filter(({ timeZone }) => isReadable(timeZone))],
    unreadable: found.map(({ timeZone }) => timeZone).filter(timeZone => !isReadable(timeZone)),
  }
}

const isReadable = (timeZone: string): boolean => storedTimeZone(timeZone) !== undefined
