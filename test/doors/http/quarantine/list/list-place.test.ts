import { expect, test } from 'vitest'
import { listPath, listPlaceIn } from '../../../../../src/doors/http/quarantine/list/list-place.ts'

const placeAt = (query: string) => listPlaceIn(new URLSearchParams(query))

test('a place of a list is read from its own URL again, which leaves out what is usual', () => {
  for (const path of [
    '/mail',
    '/mail?q=from%3Abank+%25',
    '/mail?sort=subject',
    '/mail?sort=subject&dir=desc',
    '/mail?dir=asc&per=100&after=cursor',
  ]) {
    expect(listPath('/mail', placeAt(path.split('?')[1] ?? '')), path).toBe(path)
  }
})

test('what is no choice counts as not given', () => {
  expect(placeAt('sort=toString&dir=up&per=7&after=')).toEqual({
    q: '',
    sort: 'date',
    direction: 'descending',
    per: 25,
    after: undefined,
  })
})
