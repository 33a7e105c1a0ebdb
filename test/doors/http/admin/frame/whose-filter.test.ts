import { expect, test } from 'vitest'
import type { Writer } from '../../../../../src/doors/http/admin/frame/admin-pages.ts'
import { whoseAndState, whoseFilter } from '../../../../../src/doors/http/admin/frame/whose-filter.ts'

const WRITER = { words: { language: 'en', say: (key: string) => key } } as Writer

const read = (search: string) => whoseFilter(new URLSearchParams(search))

test.each([
  ['', undefined],
  ['reader=', undefined],
  ['reader=+Alice@EXAMPLE.com+', 'alice@example.com'],
  ['reader=Example.org', '@example.org'],
  ['reader=@example.org', '@example.org'],
])('%j asks for %j', (search, reader) => {
  expect(read(search).asked).toEqual({ reader })
})

test.each(['reader=nonsense', 'reader=@', 'reader=a@@b'])(
  '%j cannot be read, and says so at its field',
  search => {
    const { asked, fields, model } = read(search)
    expect(asked).toBeUndefined()
    expect(model(WRITER)).toMatchObject({ reader: fields.reader, at: { reader: [{ field: 'reader' }] } })
  },
)

test('a state is one of those that there are; any other word is none', () => {
  const filter = whoseAndState(['sent', 'failed'], 'admin.digest')
  const { asked, fields, model } = filter(new URLSearchParams('reader=a@b.example&state=failed'))
  expect(asked).toEqual({ reader: 'a@b.example', state: 'failed' })
  expect(fields).toEqual({ reader: 'a@b.example', state: 'failed' })
  expect(model(WRITER)).toMatchObject({
    states: [
      { value: 'sent', label: 'admin.digest.sent', selected: false },
      { value: 'failed', label: 'admin.digest.failed', selected: true },
    ],
  })
  expect(filter(new URLSearchParams('state=lost')).asked).toEqual({ reader: undefined, state: undefined })
  expect(filter(new URLSearchParams('reader=nonsense&state=sent')).asked).toBeUndefined()
})
