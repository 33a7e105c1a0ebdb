import { expect, test } from 'vitest'
import { languageOf } from '../../../../src/ground/directory/ispconfig/languages.ts'

test.each([
  ['de', 'de'],
  ['EN', 'en'],
  ['br', 'pt-BR'],
  ['pt', 'pt'],
  ['cz', 'cs'],
  ['dk', 'da'],
  ['se', 'sv'],
  ['el', 'el'],
])('the language %s of ISPConfig is %s', (code, tag) => {
  expect(languageOf(code)).toBe(tag)
})

test.each(['', '<', 'x', '1', null])('%j is no language', code => {
  expect(languageOf(code)).toBeUndefined()
})
