import { memo } from '../concurrency/memo.ts'
import { isAbbreviation, zoneMeantBy } from './zone-abbreviations.ts'

/** Whether a text is the name of a time zone, such as somebody may give it. */
export const isTimeZone = (text: string): boolean => timeZoneName(text) !== undefined

/**
 * An IANA name in its normal spelling (`Europe/Paris`, whatever its letter case); undefined for a text that is not such
 * a name, for instance an offset, and for an abbreviation (`BST`).
 */
export const timeZoneName = (text: string): string | undefined =>
  isAbbreviation(text) ? undefined : storedTimeZone(text)

/** What is expected in place of a text that is no time zone, with the one that is probably meant. */
export const expectedTimeZone = (found: string): string =>
  `expected a time zone such as Europe/Paris${zoneHint(found)}`

/** To be put after an example of a time zone: ` (BST: write Europe/London)`, or nothing. */
export function zoneHint(found: string): string {
  const meant = zoneMeantBy(found)
  return meant === undefined ? '' : ` (${found.toUpperCase()}: write ${meant})`
}

/**
 * How a name in our tables is read. Earlier versions took abbreviations, too; they keep the meaning that they had
 * (`BST` is `Asia/Dhaka`), so that no digest comes at another time after an upgrade. Cached, because it is needed for
 * each reader of a run and each line of a file.
 */
export const storedTimeZone = (text: string): string | undefined => names(text, () => lookUp(text))

/** What to tell an admin about a name in our tables that nobody could give any more; undefined for all others. */
export function storedZoneWarning(text: string): string | undefined {
  const readAs = isAbbreviation(text) ? storedTimeZone(text) : undefined
  if (readAs === undefined) return undefined
  const meant = zoneMeantBy(text)
  const instead = meant === undefined || meant === readAs ? readAs : `${meant} or ${readAs}`
  return `Its time zone ${text} is an abbreviation with several meanings, and is read as ${readAs}. Set ${instead} instead.`
}

/** There are about 600 names, and each can be written in many ways. */
const MAX_NAMES = 2000

const names = memo<string | undefined>(MAX_NAMES)

function lookUp(text: string): string | undefined {
  if (!/^[a-z][\w+/-]{1,63}$/i.test(text)) return undefined
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
    return spellings.get(text.toLowerCase()) ?? nameInArea(text) ?? timeZone
  } catch {
    return undefined
  }
}

const spellings = new Map(
  [...Intl.supportedValuesOf('timeZone'), 'UTC'].map(name => [name.toLowerCase(), name]),
)

const areas = new Set([...spellings.values()].flatMap(name => /^(.+?)\//.exec(name)?.[1] ?? []))

/**
 * Keeps the newer name of a place (Europe/Kyiv, Asia/Kolkata), although the runtime lists the older one. Names outside
 * these areas (US/Eastern, CET) are nicknames, and are replaced by the name of a place.
 */
function nameInArea(text: string): string | undefined {
  const name = text.toLowerCase().replace(/(?<![a-z])[a-z]/g, letter => letter.toUpperCase())
  return areas.has(name.slice(0, name.indexOf('/'))) ? name : undefined
}
