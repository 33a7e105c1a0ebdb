import type { Database } from '../../ground/database/database.ts'
import { withinDomains } from '../../ground/database/within-domains.ts'
import { storedTimeZone } from '../../ground/i18n/time-zone-name.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Reach } from '../../rules/reach/reach.ts'
import type { ZoneInUse } from '../../rules/schedule/missed-runs.ts'
import { EVERYBODY } from '../../rules/settings/scope.ts'
import { directoryZones } from './directory-zones.ts'

export interface ZonesInUse {
  readonly zones: readonly ZoneInUse[]
  /** Values in the table that are no time zones, perhaps written directly into the database. They have no effect. */
  readonly unreadable: readonly string[]
}

/**
 * The time zones of readers: the standard one, those that are set for readers, domains and everybody, and those that
 * the directory has named.
 *
 * @param reach only what is set for the readers within this reach. Zones of the directory are not kept by domain, so
 * all of them count
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
  const set = found.filter(({ timeZone }) => isReadable(timeZone))
  const known = (await directoryZones(state)).filter(({ timeZone }) => timeZone !== standard)
  return {
    zones: [{ timeZone: standard, since: 0 }, ...earliestOfEach([...set, ...known])],
    unreadable: found.map(({ timeZone }) => timeZone).filter(timeZone => !isReadable(timeZone)),
  }
}

const earliestOfEach = (zones: readonly ZoneInUse[]): ZoneInUse[] =>
  [...Map.groupBy(zones, ({ timeZone }) => timeZone)].map(([timeZone, same]) => ({
    timeZone,
    since: Math.min(...same.map(({ since }) => since)),
  }))

const isReadable = (timeZone: string): boolean => storedTimeZone(timeZone) !== undefined
