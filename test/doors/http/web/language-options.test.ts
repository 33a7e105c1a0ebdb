import { expect, test } from 'vitest'
import { languageName, languageOptions } from '../../../../src/doors/http/web/language-options.ts'

test('each language is listed by its own name', () => {
  expect(languageOptions(['en', 'fr', 'de', 'ar'], 'fr')).toEqual([
    { tag: 'de', label: 'Deutsch', isChosen: false },
    { tag: 'en', label: 'English', isChosen: false },
    { tag: 'fr', label: 'Français', isChosen: true },
    { tag: 'ar', label: 'العربية', isChosen: false },
  ])
})

test('the chosen language is among them, even if only the wider language has a translation', () => {
  const options = languageOptions(['de', 'en'], 'de-AT')
  expect(options.filter(({ isChosen }) => isChosen)).toMatchObject([{ tag: 'de-AT' }])
})

test('a tag that is not a language is its own name', () => {
  expect(languageName('x'.repeat(30))).toBe('x'.repeat(30))
})
