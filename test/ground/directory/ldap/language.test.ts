import { expect, test } from 'vitest'
import { languageOf } from '../../../../src/ground/directory/ldap/language.ts'

test.each([
  [['de'], 'de'],
  [['de-AT, en;q=0.8'], 'de-AT'],
  [['en;q=0.2, fr ; q = 0.7'], 'fr'],
  [['xx-not-a-language-tag-at-all-because-it-is-long, sv'], 'sv'],
  [['*', 'nl;q=0.1'], 'nl'],
  [['de_AT.UTF-8'], 'de-AT'],
  [['sr_RS@latin'], 'sr-RS'],
  [['fr;q=0'], undefined],
  [['fr;q=1.2.3'], undefined],
  [['', ',;,', '\u0000', '<'], undefined],
  [[`${'x,'.repeat(100_000)}de`], undefined],
  [[], undefined],
] as const)('%j is the language %s', (texts, language) => {
  expect(languageOf(texts)).toBe(language)
})
