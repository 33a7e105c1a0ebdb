export interface TimeZoneGroup {
  readonly label: string
  readonly zones: readonly TimeZoneOption[]
}

export interface TimeZoneOption {
  readonly zone: string
  readonly label: string
  readonly isChosen: boolean
}

/**
 * The time zones by regions of the world; the one that holds is among them, be it an older name of another one.
 *
 * @param other what the group of those is called that are in no region
 */
export function timeZoneGroups(chosen: string | undefined, other: string): readonly TimeZoneGroup[] {
  const names = new Set([
    ...Intl.supportedValuesOf('timeZone'),
    'UTC',
    ...(chosen === undefined ? [] : [chosen]),
  ])
  const groups = Map.groupBy([...names].sort(), zone => regionOf(zone))
  return [...groups]
    .sort(([one], [another]) => (one === NO_REGION ? 1 : another === NO_REGION ? -1 : one < another ? -1 : 1))
    .map(([region, zones]) => ({
      label: region === NO_REGION ? other : region,
      zones: zones.map(zone => ({ zone, label: labelOf(zone, region), isChosen: zone === chosen })),
    }))
}

const NO_REGION = ''

const REGION = /^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\//

const regionOf = (zone: string): string => REGION.exec(zone)?.[1] ?? NO_REGION

const labelOf = (zone: string, region: string): string =>
  (region === NO_REGION ? zone : zone.slice(region.length + 1)).replaceAll('_', ' ').replaceAll('/', ' – ')
