import { readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, test } from 'vitest'
import { templateFiles } from '../../../src/ground/templates/template-files.ts'

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pl', 'pt', 'cs', 'sv', 'ar']
const english = sentencesOf('en')

test('each supported language has a file', () => {
  const files = templateFiles().list('locales')
  expect(files).toEqual(expect.arrayContaining(LANGUAGES.map(language => `${language}.json`)))
})

describe.each(LANGUAGES)('%s', language => {
  const own = sentencesOf(language)

  test('has every sentence, and no other', () => {
    expect([...own.keys()].sort()).toEqual([...english.keys()].sort())
  })

  test('tells readers to press what stands on the button, in the mail as on its page', () => {
    const button = own.get('digest.release') ?? ''
    expect(own.get('page.release.button')).toBe(button)
    const forms = elementsOf(own.get('digest.intro') ?? '', language)
    expect(JSON.stringify(forms).match(/\{"type":0,"value":"[^"]{20,}"/g)).toSatisfy(
      (sentences: string[]) => sentences.length > 0 && sentences.every(sentence => sentence.includes(button)),
    )
  })

  test('has the same arguments, and all plural forms of the language', () => {
    const integers = Array.from({ length: 1_200 }, (_, number) => number)
    const rules = new Intl.PluralRules(language)
    const needed = [...new Set(integers.map(number => rules.select(number)))]
    for (const [key, sentence] of own) {
      const elements = elementsOf(sentence, language)
      expect(argumentsOf(elements), key).toEqual(argumentsOf(elementsOf(english.get(key) ?? '', 'en')))
      for (const forms of pluralsOf(elements)) expect(forms, key).toEqual(expect.arrayContaining(needed))
    }
  })

  test('has plain text only: no markup, no hidden characters, no blanks at the ends', () => {
    for (const [key, sentence] of own) {
      expect(sentence.trim(), key).toBe(sentence)
      expect(sentence, key).not.toMatch(/<\/?[a-z]|&[a-z]+;|[\p{Cc}\p{Cf}]/iu)
      expect(sentence, key).not.toBe('')
    }
  })
})

describe.each(LANGUAGES.filter(language => language !== 'en'))('%s', language => {
  test('leaves no sentence in English', () => {
    const same = [...sentencesOf(language)].filter(
      ([key, sentence]) => sentence === english.get(key) && / .* /.test(sentence),
    )
    expect(same.filter(([, sentence]) => /\p{L}{3,} \p{L}{3,}/u.test(withoutArguments(sentence)))).toEqual([])
  })
})

interface Tree {
  readonly [key: string]: string | Tree
}

function sentencesOf(language: string): Map<string, string> {
  const path = new URL(`../../../templates/locales/${language}.json`, import.meta.url)
  return new Map(flatten(JSON.parse(readFileSync(path, 'utf8')), ''))
}

function flatten(tree: Tree, prefix: string): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[prefix + key, value] as [string, string]]
      : flatten(value, `${prefix}${key}.`),
  )
}

type Elements = ReturnType<IntlMessageFormat['getAst']>

const elementsOf = (sentence: string, language: string): Elements =>
  new IntlMessageFormat(sentence, language, undefined, { ignoreTag: true }).getAst()

const within = (elements: Elements): Elements =>
  elements.flatMap(element => [
    element,
    ...('options' in element ? Object.values(element.options).flatMap(({ value }) => within(value)) : []),
  ])

/** Types of ICU elements: 0 is plain text, 7 the `#` of a plural. */
const argumentsOf = (elements: Elements): string[] => [
  ...new Set(
    within(elements)
      .flatMap(element => (element.type !== 0 && element.type !== 7 ? [element.value] : []))
      .sort(),
  ),
]

const pluralsOf = (elements: Elements): string[][] =>
  within(elements).flatMap(element =>
    'options' in element && 'pluralType' in element ? [Object.keys(element.options)] : [],
  )

const withoutArguments = (sentence: string): string => sentence.replace(/\{[^{}]*\}/g, '')
