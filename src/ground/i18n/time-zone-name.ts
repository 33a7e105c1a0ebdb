import { memo } from '../concurrency/memo.ts'

/** Whether a text is the name of a time zone. */
export const isTimeZone = (text: string): boolean => timeZoneName(text) !== undefined

/**
 * An IANA name in its normal spelling (`Europe/Paris`, whatever its letter case); undefined for a text that is not such
 * a name, for instance an offset. Cached, because it is needed for each reader of a run and each line of a file.
 */
export const timeZoneName = (text: string): string | undefined => names(text, () => lookUp(text))

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
