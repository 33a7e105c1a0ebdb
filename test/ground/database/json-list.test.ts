import { expect, test } from 'vitest'
import { jsonList } from '../../../src/ground/database/json-list.ts'

test('a list of strings is read; anything else is undefined', () => {
  expect(jsonList('["a", "b"]')).toEqual(['a', 'b'])
  expect(jsonList('[]')).toEqual([])
  for (const text of [null, '', 'a', '"a"', '{"0": "a"}', '["a", 1]', '[null]', '[']) {
    expect(jsonList(text), String(text)).toBeUndefined()
  }
})
