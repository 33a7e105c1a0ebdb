import { isTimeZone } from '../../../ground/i18n/time-zone-name.ts'

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
    ...Intl.supportedValuesOf('timeZone').map(nameToday),
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

const nameToday = (zone: string): string => {
  const name = NAMES_TODAY.get(zone)
  return name !== undefined && isTimeZone(name) ? name : zone
}

/** The runtime lists these by the names that they had when it first knew them. */
const NAMES_TODAY: ReadonlyMap<string, string> = new Map([
  ['Africa/Asmera', 'Africa/Asmara'],
  ['America/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ['America/Catamarca', 'America/Argentina/Catamarca'],
  ['America/Coral_Harbour', 'America/Atikokan'],
  ['America/Cordoba', 'America/Argentina/Cordoba'],
  ['America/Godthab', 'America/Nuuk'],
  ['America/Indianapolis', 'America/Indiana/Indianapolis'],
  ['America/Jujuy', 'America/Argentina/Jujuy'],
  ['America/Louisville', 'America/Kentucky/Louisville'],
  ['America/Mendoza', 'America/Argentina/Mendoza'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Asia/Katmandu', 'Asia/Kathmandu'],
  ['Asia/Rangoon', 'Asia/Yangon'],
  ['Asia/Saigon', 'Asia/Ho_Chi_Minh'],
  ['Atlantic/Faeroe', 'Atlantic/Faroe'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['Pacific/Enderbury', 'Pacific/Kanton'],
  ['Pacific/Ponape', 'Pacific/Pohnpei'],
  ['Pacific/Truk', 'Pacific/Chuuk'],
])

const NO_REGION = ''

const REGION = /^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\//

const regionOf = (zone: string): string => REGION.exec(zone)?.[1] ?? NO_REGION

const labelOf = (zone: string, region: string): string =>
  (region === NO_REGION ? zone : zone.slice(region.length + 1)).replaceAll('_', ' ').replaceAll('/', ' – ')
