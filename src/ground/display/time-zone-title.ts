import { memo } from '../concurrency/memo.ts'
import { knownTimeZone, type Place } from './format.ts'

/**
 * What people call a time zone, in their language: "Central European Time". Where a language has no name for it, its
 * IANA name: "Etc/GMT+5".
 *
 * @param at milliseconds since the epoch: some places change their zone
 */
export function timeZoneTitle(place: Place, at: number): string {
  const zone = knownTimeZone(place)
  return titles(
    `${place.language} ${zone}`,
    () => nameOf(zone, place.language, at) ?? zone.replaceAll('_', ' '),
  )
}

const MOST_TITLES = 500
const titles = memo<string>(MOST_TITLES)

/** The generic name holds in summer and winter. UTC has none; its long name is "Coordinated Universal Time". */
const STYLES = ['longGeneric', 'long'] as const

function nameOf(timeZone: string, language: string, at: number): string | undefined {
  for (const timeZoneName of STYLES) {
    const name = partOf({ timeZone, timeZoneName }, language, at)
    // An offset, such as GMT+5 or غرينتش+5, is no name: it may change in spring.
    if (name !== undefined && !/\d/.test(name) && !/^(?:GMT|UTC)$/.test(name)) return name
  }
  return undefined
}

function partOf(options: Intl.DateTimeFormatOptions, language: string, at: number): string | undefined {
  try {
    const parts = new Intl.DateTimeFormat(language, options).formatToParts(at)
    return parts.find(({ type }) => type === 'timeZoneName')?.value
  } catch {
    return undefined
  }
}
