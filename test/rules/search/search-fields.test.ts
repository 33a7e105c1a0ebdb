import { expect, test } from 'vitest'
import { parseSearch } from '../../../src/rules/search/parse-search.ts'
import { fieldsOf, parseSearchFields, searchText } from '../../../src/rules/search/search-fields.ts'

const CONTEXT = { now: Date.parse('2026-03-11T12:00:00Z'), timeZone: 'Europe/Paris' }

test('the fields of a form say the same as the search box', () => {
  const fields = {
    words: 'a -b',
    from: 'Ann Bee',
    subject: '=50% off',
    to: '"x y"*',
    type: 'Spam',
    after: '7d',
  }
  const text = 'a -b from:"Ann Bee" to:"x y"* subject:="50% off" type:Spam after:7d'
  expect(searchText(fields)).toBe(text)
  expect(parseSearchFields(fields, CONTEXT)).toEqual(parseSearch(text, CONTEXT))
})

test('what a field has no room for is among the words', () => {
  const search = parseSearch(
    'from:ann from:bob* -to:"c d" one -is:unread type:virus score:>=5 after:today',
    CONTEXT,
  )
  expect(fieldsOf(search, CONTEXT)).toMatchObject({
    words: 'from:bob* -to:"c d" one -is:unread',
    from: 'ann',
    to: '',
    type: 'virus',
    score: '>=5',
    after: '2026-03-11',
  })
  const again = parseSearchFields(fieldsOf(search, CONTEXT), CONTEXT)
  expect(new Set(again.texts)).toEqual(new Set(search.texts))
  expect({ ...again, texts: [] }).toEqual({ ...search, texts: [] })
})
