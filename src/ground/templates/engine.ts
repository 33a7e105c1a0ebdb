import type Handlebars from 'handlebars'
import type { HelperOptions } from 'handlebars'
import { CodedError } from '../errors.ts'
import type { Words } from '../i18n/locales.ts'
import { onFirstUse } from '../on-first-use.ts'

const handlebars = onFirstUse<typeof Handlebars>('handlebars')

export type Engine = typeof Handlebars

/** Strict, so that a name that the model lacks is an error rather than an empty string. */
export const STRICT = {
  strict: true,
  preventIndent: true,
  knownHelpers: { say: true },
  knownHelpersOnly: true,
}

/**
 * Handlebars with the helper `{{say "digest.title" count=total}}`. It inserts a sentence in the language of the words
 * that are passed to the rendering (`{ data: { words } }`), so that templates are compiled once for all languages.
 *
 * @param format prepares a value for a sentence
 */
export function createEngine(format: (value: string | number) => string | number = value => value): Engine {
  const engine = handlebars().create()
  engine.registerHelper('say', (key: string, options: HelperOptions): string => {
    const { words } = options.data as { readonly words: Words }
    if (Object.keys(options.hash).length === 0) return words.say(key)
    const values = Object.entries<string | number>(options.hash)
    return words.say(key, Object.fromEntries(values.map(([name, value]) => [name, format(value)])))
  })
  return engine
}

/**
 * Reports an admin's mistake at the start: Handlebars itself would compile only at the first use.
 * @throws CodedError TEMPLATE_INVALID that names the file
 */
export function checkTemplate(file: string, source: string): void {
  namingFile(file, () => handlebars().precompile(source, STRICT))
}

/** Does something with a template. @throws CodedError TEMPLATE_INVALID that names the file, when that throws */
export function namingFile<Result>(file: string, work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause)
    throw new CodedError('TEMPLATE_INVALID', `${file}: ${fault}`, { cause })
  }
}
