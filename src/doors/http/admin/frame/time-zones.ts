import { timeZoneName } from '../../../../ground/i18n/time-zone-name.ts'

/** The name of a time zone as somebody writes it: `Europe/Paris`, `europe/paris`, or just `Paris`. */
export function zoneNamed(text: string): string | undefined {
  const name = timeZoneName(text)
  if (name !== undefined) return name
  const city = `/${text.trim().replace(/\s+/g, '_')}`.toLowerCase()
  const zones = TIME_ZONES.filter(zone => zone.toLowerCase().endsWith(city))
  return zones.length === 1 ? zones[0] : undefined
}

/** To choose from. */
export const TIME_ZONES: readonly string[] = [...Intl.supportedValuesOf('timeZone'), 'UTC']
