import { expect, test } from 'vitest'
import { fillFields } from '../../../../../src/doors/http/quarantine/list/search-fields.ts'
import { SEARCH_HELP } from '../../../../../src/doors/http/quarantine/list/search-model.ts'
import {
  queryOfFields,
  readQuery,
  since,
} from '../../../../../src/doors/http/quarantine/list/search-query.ts'
import { DAY } from '../../../../../src/ground/durations.ts'
import { parseSearch } from '../../../../../src/rules/search/parse-search.ts'

const PARIS = { now: Date.UTC(2026, 2, 11, 6), timeZone: 'Europe/Paris' }

test('every example of the help is read, and means more than its words', () => {
  for (const { example, what } of SEARCH_HELP) {
    const { texts, ...others } = parseSearch(example, PARIS)
    const isWords = ['words', 'quotes', 'not'].includes(what)
    expect(
      texts.every(({ field }) => field === 'words') &&
        Object.values(others)
          .flat()
          .every(part => part === undefined),
      example,
    ).toBe(isWords)
  }
})

test('what the form with fields asks for can be typed, and fills the same fields again', () => {
  const query = new URLSearchParams({
    fields: 'yes',
    q: 'garden',
    from: 'shop@example.com',
    fromHow: 'not',
    to: 'sales@example.com',
    toHow: 'equals',
    subject: 'Your "order"',
    subjectHow: 'begins',
    type: 'banned',
    state: 'released',
    scoreLeast: '5',
    sizeMost: '500k',
    since: '2026-03-01',
    until: '2026-03-11',
  })
  const typed = queryOfFields(query, PARIS.timeZone)
  const { fields, rest } = fillFields(parseSearch(typed, PARIS), PARIS.timeZone)
  expect(fields).toEqual({
    texts: {
      from: { how: 'not', text: 'shop@example.com' },
      to: { how: 'equals', text: 'sales@example.com' },
      subject: { how: 'begins', text: 'Your "order"' },
      reason: { how: 'contains', text: '' },
      id: { how: 'contains', text: '' },
    },
    type: 'banned',
    state: 'released',
    score: { least: '5', most: '' },
    size: { least: '', most: '500k' },
    after: '2026-03-01',
    before: '2026-03-11',
  })
  expect(rest.texts).toEqual([{ field: 'words', how: 'contains', text: 'garden', not: false }])
})

test('a second condition for the same field is kept as words', () => {
  const { fields, rest } = fillFields(parseSearch('from:a from:b -type:spam is:unread is:held', PARIS), 'UTC')
  expect(fields.texts.from.text).toBe('a')
  expect(rest.texts.map(({ text }) => text)).toEqual(['b'])
  expect(rest.kinds).toEqual([{ value: 'spam', not: true }])
  expect(rest.states).toHaveLength(2)
})

test('a number or a day that cannot be read is told, and kept as it was typed', () => {
  for (const [field, value, is] of [
    ['scoreLeast', 'much', 'number'],
    ['since', '2026-02-30', 'time'],
  ] as const) {
    const read = readQuery(queryOfFields(new URLSearchParams({ [field]: value }), 'UTC'), PARIS)
    expect(read).toMatchObject({ search: undefined, fault: { is } })
    expect(read.text).toContain(value)
  }
  expect(readQuery('type:junk', PARIS).fault).toMatchObject({ is: 'names', field: 'type:' })
  expect(readQuery('after:2026-03-11 before:2026-03-01', PARIS).fault).toEqual({ is: 'order' })
  expect(readQuery('x'.repeat(10_000), PARIS).fault).toMatchObject({ is: 'long' })
})

test('a wider search is the same from an earlier day on', () => {
  const search = parseSearch('from:shop after:2026-03-10', PARIS)
  expect(since(search, Date.UTC(2026, 1, 8, 12), 'Europe/Paris')).toBe('from:shop after:2026-02-08')
  const all = parseSearch(since(search, 0, 'Pacific/Honolulu'), { ...PARIS, timeZone: 'Pacific/Honolulu' })
  expect(all.after).toBeLessThan(3 * DAY)
})
