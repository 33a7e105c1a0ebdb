import { expect, test } from 'vitest'
import {
  readerAndStateFilter,
  readerFilter,
} from '../../../../../src/doors/http/admin/frame/reader-filter.ts'
import type { Writer } from '../../../../../src/doors/http/web/writer.ts'

const WRITER = { words: { language: 'en', say: (key: string) => key } } as Writer

const read = (search: string) => readerFilter(new URLSearchParams(search))

test.each([
  ['', undefined],
  ['reader=', undefined],
  ['reader=+Alice@EXAMPLE.com+', 'alice@example.com'],
  ['reader=Example.org', '@example.org'],
  ['reader=@example.org', '@example.org'],
])('%j filters by %j', (search, reader) => {
  expect(read(search).criteria).toEqual({ reader })
})

test.each(['reader=nonsense', 'reader=@', 'reader=a@@b'])(
  '%j cannot be read, and the fault is shown at the field',
  search => {
    const { criteria, fields, model } = read(search)
    expect(criteria).toBeUndefined()
    expect(model(WRITER)).toMatchObject({ reader: fields.reader, at: { reader: [{ field: 'reader' }] } })
  },
)

test('a known state filters; any other word is ignored', () => {
  const filter = readerAndStateFilter(['sent', 'failed'], 'admin.digest')
  const { criteria, fields, model } = filter(new URLSearchParams('reader=a@b.example&state=failed'))
  expect(criteria).toEqual({ reader: 'a@b.example', state: 'failed' })
  expect(fields).toEqual({ reader: 'a@b.example', state: 'failed' })
  expect(model(WRITER)).toMatchObject({
    states: [
      { value: 'sent', label: 'admin.digest.sent', selected: false },
      { value: 'failed', label: 'admin.digest.failed', selected: true },
    ],
  })
  expect(filter(new URLSearchParams('state=lost')).criteria).toEqual({ reader: undefined, state: undefined })
  expect(filter(new URLSearchParams('reader=nonsense&state=sent')).criteria).toBeUndefined()
})
