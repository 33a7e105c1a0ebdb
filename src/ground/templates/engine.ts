import Handlebars, { type HelperOptions } from 'handlebars'
import { CodedError } from '../errors.ts'
import type { Words } from '../i18n/locales.ts'

export type Engine = typeof Handlebars

/** Strict: a name that no model has is a fault, not an empty place. */
export const STRICT = {
  strict: true,
  preventIndent: true,
  knownHelpers: { say: true },
  knownHelpersOnly: true,
}

/**
 * Handlebars with `{{say "digest.title" count=total}}`: a sentence in the language of the words that a rendering
 * brings along (`{ data: { words } }`), so that templates are compiled once for all languages.
 *
 * @param shown how a value is put into a sentence
 */
export function createEngine(shown: (value: string | number) => string | number = value => value): Engine {
  const engine = Handlebars.create()
  engine.registerHelper('say', (key: string, options: HelperOptions): string => {
    const { words } = options.data as { readonly words: Words }
    const values = Object.entries<string | number>(options.hash)
    return words.say(key, Object.fromEntries(values.map(([name, value]) => [name, shown(value)])))
  })
  return engine
}

/**
 * Handlebars compiles at the first use; an admin's mistake shall show at the start.
 * @throws CodedError TEMPLATE_INVALID naming the file
 */
export function checkTemplate(file: string, source: string): void {
  try {
    Handlebars.precompile(source, STRICT)
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause)
    throw new CodedError('TEMPLATE_INVALID', `${file}: ${fault}`, { cause })
  }
}
