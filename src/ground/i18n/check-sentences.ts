import { IntlMessageFormat } from 'intl-messageformat'

/**
 * Checks an admin's own sentences, so that a mistake shows at the start and not in the middle of a run. Sentences that
 * the program no longer has are ignored, because an update may drop some.
 *
 * @param own the admin's sentences by key, in ICU message format
 * @param english all sentences of the program
 * @throws Error that names the key
 */
export function checkSentences(
  language: string,
  own: ReadonlyMap<string, string>,
  english: ReadonlyMap<string, string>,
): void {
  for (const [key, sentence] of own) {
    const original = english.get(key)
    if (original !== undefined) checkSentence(key, { language, sentence, original })
    else if ([...english.keys()].some(known => known.startsWith(`${key}.`))) {
      throw new Error(`${key}: expected an object of sentences, found one sentence`)
    }
  }
}

interface OwnSentence {
  readonly language: string
  readonly sentence: string
  /** The program's sentence in English. */
  readonly original: string
}

function checkSentence(key: string, { language, sentence, original }: OwnSentence): void {
  if (sentence.trim() === '') throw new Error(`${key}: expected a sentence, found none`)
  const known = argumentsOf(original, 'en')
  const unknown = argumentsIn(key, sentence, language).filter(name => !known.includes(name))
  if (unknown.length === 0) return
  const choice = known.length === 0 ? 'it has none' : `it has {${known.join('}, {')}}`
  throw new Error(`${key}: there is no {${unknown[0]}} in this sentence: ${choice}`)
}

function argumentsIn(key: string, sentence: string, language: string): string[] {
  try {
    return argumentsOf(sentence, language)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${key}: not in ICU message format: ${reason.toLowerCase().replaceAll('_', ' ')}`)
  }
}

/** The names of the arguments in a sentence. */
function argumentsOf(sentence: string, language: string): string[] {
  const elements = new IntlMessageFormat(sentence, language, undefined, { ignoreTag: true }).getAst()
  return [...new Set(namesIn(elements))]
}

type Elements = ReturnType<IntlMessageFormat['getAst']>

const namesIn = (elements: Elements): string[] =>
  elements.flatMap(element => [
    ...(element.type === LITERAL || element.type === POUND ? [] : [element.value]),
    ...('options' in element ? Object.values(element.options).flatMap(({ value }) => namesIn(value)) : []),
  ])

/** The parser's types for elements without a name: text, and the `#` of a plural. */
const LITERAL = 0
const POUND = 7
