import { expect, test } from 'vitest'
import { languageName, languageOptions } from '../../../../src/doors/http/web/language-options.ts'

test('each language goes by its own name', () => {
  expect(languageOptions(['en', 'fr', 'de', 'ar'], 'fr')).toEqual([
    { tag: 'de', label: 'Deutsch', isChosen: false },
    { tag: 'en', label: 'English', isChosen: false },
    { tag: 'fr', label: 'Français', isChosen: true },
    { tag: 'ar', label: 'العربية', isChosen: false },
  ])
})

test('the one that holds is among them, though there are only words for the wider one', () => {
  const options = languageOptions(['de', 'en'], 'de-AT')
  expect(options.filter(({ isChosen }) => isChosen)).toMatchObject([{ tag: 'de-AT' }])
})

test('what is no language is called what it is', () => {
  expect(languageName('x'.repeat(30))).toBe('x'.repeat(30))
})
