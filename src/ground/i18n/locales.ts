import { once } from '../concurrency/once.ts'
import { CodedError } from '../errors.ts'
import { checkSentences } from './check-sentences.ts'
import { compileSentence, type Sentence, type SentenceValues } from './sentence.ts'

/** Reads the words: from the program's own files, each of which an admin may override. */
export interface WordFiles {
  /** Both texts of that name, as far as they exist, for files that may be overridden in part. */
  readBoth(name: string): { readonly own?: string | undefined; readonly override?: string | undefined }
  /** The names of the files in a folder, without the folder (`locales` → `en.json`, …). */
  list(folder: string): string[]
}

/** The words of one language. */
export interface Words {
  /** BCP 47 tag of the language that was found. */
  readonly language: string
  /** For the `dir` attribute. */
  readonly direction: 'ltr' | 'rtl'
  /**
   * The sentence of a key (`digest.subject`), with its ICU arguments filled in. It is plain text: the caller must
   * escape it for HTML.
   * @throws TypeError when no locale file has the key, which is a mistake in the program or in a template
   */
  say(key: string, values?: SentenceValues): string
}

export interface Locales {
  readonly languages: readonly string[]
  /** The keys of all sentences. */
  readonly keys: ReadonlySet<string>
  /** The words of the first language that exists; `de-AT` falls back to `de`, and everything to English. */
  wordsFor(...languages: readonly string[]): Words
}

/**
 * Reads `locales/*.json` (ICU message format, nested keys). An override needs only the sentences that it changes.
 * A sentence that a language lacks is in English.
 *
 * @throws CodedError TEMPLATE_INVALID that names the faulty file
 */
export function loadLocales(files: WordFiles): Locales {
  const tags = files
    .list('locales')
    .filter(name => name.endsWith('.json'))
    .map(name => name.slice(0, -'.json'.length))
  const sentences = new Map(tags.map(tag => [tag, sentencesOf(files, tag)]))
  const english = sentences.get('en')?.() ?? new Map<string, string>()
  const words = new Map(
    [...sentences].map(([tag, own]) => [
      // Letter case has no meaning in a tag (RFC 5646, section 2.1.1).
      tag.toLowerCase(),
      once(() => wordsOf(tag, new Map([...english, ...own()]))),
    ]),
  )
  const fallback = words.get('en') ?? once(() => wordsOf('en', english))
  return {
    languages: tags.flatMap(tag => Intl.getCanonicalLocales(tag)),
    keys: new Set(english.keys()),
    wordsFor: (...languages) => {
      const found = languages.flatMap(withParents).flatMap(tag => words.get(tag.toLowerCase()) ?? [])[0]
      return (found ?? fallback)()
    },
  }
}

/**
 * Reads both files of a language at once, so that an upgrade under a running program changes nothing. Our own is parsed
 * when a sentence of it is wanted: for all languages that takes 25 ms, and most commands say nothing in any. Until then
 * it is kept in UTF-8, where a string would take two octets for each character: 2 MB for all languages.
 */
function sentencesOf(files: WordFiles, tag: string): () => Map<string, string> {
  const name = fileOf(tag)
  return naming(name, () => {
    Intl.getCanonicalLocales(tag)
    const { own, override } = files.readBoth(name)
    const overrides = flatten(JSON.parse(override ?? '{}'))
    if (overrides.size > 0)
      checkSentences(tag, overrides, flatten(JSON.parse(files.readBoth(fileOf('en')).own ?? '{}')))
    const octets = Buffer.from(own ?? '{}')
    return once(() => naming(name, () => new Map([...flatten(JSON.parse(octets.toString())), ...overrides])))
  })
}

const fileOf = (tag: string): string => `locales/${tag}.json`

function naming<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('TEMPLATE_INVALID', `${name}: ${reason}`)
  }
}

function wordsOf(language: string, sentences: ReadonlyMap<string, string>): Words {
  const compiled = new Map<string, Sentence>()
  const sentenceOf = (key: string): Sentence => {
    const source = sentences.get(key)
    if (source === undefined) throw new TypeError(`No sentence for ${key}`)
    const sentence = compileSentence(source, language)
    compiled.set(key, sentence)
    return sentence
  }
  return {
    language,
    direction: new Intl.Locale(language).getTextInfo().direction === 'rtl' ? 'rtl' : 'ltr',
    say: (key, values) => (compiled.get(key) ?? sentenceOf(key))(values),
  }
}

/** `de-Latn-AT` → `de-Latn-AT`, `de-Latn`, `de` (RFC 4647, lookup). */
function withParents(tag: string): string[] {
  const parts = tag.split('-', MOST_SUBTAGS)
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'))
}

/**
 * None of ours has more. A browser says what it likes: one header of 7,000 subtags, each a parent of the next, kept the
 * process busy for half a second.
 */
const MOST_SUBTAGS = 8

function flatten(tree: unknown, prefix = ''): Map<string, string> {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) {
    throw new Error(`${prefix.slice(0, -1) || 'the file'}: expected an object of sentences`)
  }
  return new Map(
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...flatten(value, `${prefix}${key}.`)],
    ),
  )
}
