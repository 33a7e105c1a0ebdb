import { timeZoneName } from '../../../../ground/i18n/time-zone-name.ts'

/** Finds the time zone that somebody typed: `Europe/Paris`, `europe/paris`, or just `Paris`. */
export function zoneNamed(text: string): string | undefined {
  const name = timeZoneName(text)
  if (name !== undefined) return name
  const city = `/${text.trim().replace(/\s+/g, '_')}`.toLowerCase()
  const zones = TIME_ZONES.filter(zone => zone.toLowerCase().endsWith(city))
  return zones.length === 1 ? zones[0] : undefined
}

/** The time zones that forms offer. */
export const TIME_ZONES: readonly string[] = [...Intl.supportedValuesOf('timeZone'), 'UTC']
