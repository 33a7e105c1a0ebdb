import { IntlMessageFormat } from 'intl-messageformat'
import { CodedError } from '../errors.ts'
import type { TemplateFiles } from '../templates/template-files.ts'

/** The words of one language. */
export interface Words {
  /** BCP 47 tag of the language that was found. */
  readonly language: string
  /** For the `dir` attribute. */
  readonly direction: 'ltr' | 'rtl'
  /**
   * The sentence of a key (`digest.subject`), with its ICU arguments filled in. Plain text: whoever puts it into
   * HTML escapes it.
   * @throws TypeError when the key is in no locale file: a mistake in the program or in a template
   */
  say(key: string, values?: Readonly<Record<string, string | number>>): string
}

export interface Locales {
  readonly languages: readonly string[]
  /** The words of the first language that there is; `de-AT` falls back to `de`, everything to English. */
  wordsFor(...languages: readonly string[]): Words
}

/**
 * Reads `locales/*.json` (ICU message format, nested keys) once. An override holds what it changes; what a language
 * lacks is said in English.
 *
 * @throws CodedError TEMPLATE_INVALID naming the file that is at fault
 */
export function loadLocales(files: TemplateFiles): Locales {
  const sentences = new Map(
    files
      .list('locales')
      .filter(name => name.endsWith('.json'))
      .map(name => [name.slice(0, -'.json'.length), sentencesOf(files, `locales/${name}`)] as const),
  )
  const english = sentences.get('en') ?? new Map<string, string>()
  const words = new Map(
    [...sentences].map(([tag, own]) => [tag, wordsOf(tag, new Map([...english, ...own]))]),
  )
  const fallback = words.get('en') ?? wordsOf('en', english)
  return {
    languages: [...words.keys()],
    wordsFor: (...languages) =>
      languages.flatMap(withParents).flatMap(tag => words.get(tag) ?? [])[0] ?? fallback,
  }
}

function sentencesOf(files: TemplateFiles, name: string): Map<string, string> {
  try {
    Intl.getCanonicalLocales(name.slice('locales/'.length, -'.json'.length))
    return new Map(files.readAll(name).flatMap(text => [...flatten(JSON.parse(text))]))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('TEMPLATE_INVALID', `${name}: ${reason}`)
  }
}

function wordsOf(language: string, sentences: ReadonlyMap<string, string>): Words {
  const compiled = new Map<string, IntlMessageFormat>()
  return {
    language,
    direction: RIGHT_TO_LEFT.has(new Intl.Locale(language).language) ? 'rtl' : 'ltr',
    say(key, values) {
      let message = compiled.get(key)
      if (!message) {
        const sentence = sentences.get(key)
        if (sentence === undefined) throw new TypeError(`No sentence for ${key}`)
        // ignoreTag: a sentence is plain text, so "<" in it is a "<".
        message = new IntlMessageFormat(sentence, language, undefined, { ignoreTag: true })
        compiled.set(key, message)
      }
      return String(message.format(values))
    },
  }
}

const RIGHT_TO_LEFT = new Set(['ar', 'he', 'fa', 'ur', 'ps', 'sd', 'yi', 'dv', 'ug'])

/** `de-Latn-AT` → `de-Latn-AT`, `de-Latn`, `de` (RFC 4647, lookup). */
function withParents(tag: string): string[] {
  const parts = tag.split('-')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'))
}

interface Sentences {
  readonly [key: string]: string | Sentences
}

function flatten(tree: Sentences, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...flatten(value, `${prefix}${key}.`)],
    ),
  )
}
