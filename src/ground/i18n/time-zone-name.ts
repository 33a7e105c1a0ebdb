import { memo } from '../concurrency/memo.ts'

/** Whether a text is the name of a time zone. */
export const isTimeZone = (text: string): boolean => timeZoneName(text) !== undefined

/**
 * An IANA name in its one spelling (`Europe/Paris`, whichever way it is written); undefined for what is none, such as an
 * offset. Asked for each reader of a run and each line of a file: the answers are kept.
 */
export const timeZoneName = (text: string): string | undefined => names(text, () => lookUp(text))

/** There are some 600, and each can be written in many ways. */
const MOST_NAMES = 2000

const names = memo<string | undefined>(MOST_NAMES)

function lookUp(text: string): string | undefined {
  if (!/^[a-z][\w+/-]{1,63}$/i.test(text)) return undefined
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
    return spelled.get(text.toLowerCase()) ?? nameInArea(text) ?? timeZone
  } catch {
    return undefined
  }
}

const spelled = new Map(
  [...Intl.supportedValuesOf('timeZone'), 'UTC'].map(name => [name.toLowerCase(), name]),
)

const areas = new Set([...spelled.values()].flatMap(name => /^(.+?)\//.exec(name)?.[1] ?? []))

/**
 * The newer name of a place (Europe/Kyiv, Asia/Kolkata) is not replaced by the one that the runtime lists. Names
 * beyond such areas (US/Eastern, CET) are nicknames of a place.
 */
function nameInArea(text: string): string | undefined {
  const name = text.toLowerCase().replace(/(?<![a-z])[a-z]/g, letter => letter.toUpperCase())
  return areas.has(name.slice(0, name.indexOf('/'))) ? name : undefined
}
