import { timeZoneName } from '../../../../ground/i18n/time-zone-name.ts'
import { zoneMeantBy } from '../../../../ground/i18n/zone-abbreviations.ts'
import type { FieldFault } from './form-faults.ts'

/** Finds the time zone that somebody typed: `Europe/Paris`, `europe/paris`, or just `Paris`. */
export function zoneNamed(text: string): string | undefined {
  const name = timeZoneName(text)
  if (name !== undefined) return name
  const city = `/${text.trim().replace(/\s+/g, '_')}`.toLowerCase()
  const zones = TIME_ZONES.filter(zone => zone.toLowerCase().endsWith(city))
  return zones.length === 1 ? zones[0] : undefined
}

/** The fault of a field with a text that names no time zone; for an abbreviation, with the zone that is meant. */
export function zoneFault<Field extends string>(field: Field, text: string): FieldFault<Field> {
  const [found, instead] = [text.slice(0, 60), zoneMeantBy(text.trim())]
  return instead === undefined ? { field, key: 'noZone', found } : { field, key: 'shortZone', found, instead }
}

/** The time zones that forms offer. */
export const TIME_ZONES: readonly string[] = [...Intl.supportedValuesOf('timeZone'), 'UTC']
