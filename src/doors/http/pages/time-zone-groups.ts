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
 * The time zones, grouped by region of the world. The chosen one is always among them, even under an old name.
 *
 * @param other the label of the group of zones that belong to no region
 */
export function timeZoneGroups(chosen: string | undefined, other: string): readonly TimeZoneGroup[] {
  const names = new Set([
    ...Intl.supportedValuesOf('timeZone').map(nameToday),
    'UTC',
    ...(chosen === undefined ? [] : [chosen]),
  ])
  const groups = Map.groupBy([...names].sort(), zone => regionOf(zone))
  return [...groups]
    .sort(([a], [b]) => (a === NO_REGION ? 1 : b === NO_REGION ? -1 : a < b ? -1 : 1))
    .map(([region, zones]) => ({
      label: region === NO_REGION ? other : region,
      zones: zones.map(zone => ({ zone, label: labelOf(zone, region), isChosen: zone === chosen })),
    }))
}

const nameToday = (zone: string): string => {
  const name = NAMES_TODAY.get(zone)
  return name !== undefined && isTimeZone(name) ? name : zone
}

/** The runtime still lists these zones under their old names. */
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
