import { IntlMessageFormat } from 'intl-messageformat'

/**
 * Tries what an admin has written, so that a slip shows at the start and not in the middle of a run. Sentences that the
 * program does not have any more are let alone: an update drops some.
 *
 * @param own by key, in ICU message format
 * @param english all sentences of the program
 * @throws Error naming the key
 */
export function checkSentences(
  language: string,
  own: ReadonlyMap<string, string>,
  english: ReadonlyMap<string, string>,
): void {
  for (const [key, sentence] of own) {
    const model = english.get(key)
    if (model !== undefined) checkSentence(key, { language, sentence, model })
    else if ([...english.keys()].some(known => known.startsWith(`${key}.`))) {
      throw new Error(`${key}: expected an object of sentences, found one sentence`)
    }
  }
}

interface Attempt {
  readonly language: string
  readonly sentence: string
  readonly model: string
}

function checkSentence(key: string, { language, sentence, model }: Attempt): void {
  if (sentence.trim() === '') throw new Error(`${key}: expected a sentence, found none`)
  const known = argumentsOf(model, 'en')
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

/** The names that a sentence fills in. */
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

/** The parser's types of elements that name nothing: text, and the `#` of a plural. */
const LITERAL = 0
const POUND = 7
