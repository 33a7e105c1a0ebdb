import { expect, test } from 'vitest'
import { storesInto } from '../../../../src/ground/config/amavis/routes.ts'

const OURS = 'mysql://amavis_storage:xxxx@127.0.0.1:3306/amavis_storage'

test('an amavisd that stores into our database is ours, under whatever address and account', () => {
  expect(storesInto('mysql://amavis:yyyy@localhost/amavis_storage', OURS)).toBe(true)
})

test('one that stores elsewhere, or nowhere, is another one', () => {
  expect(storesInto('mysql://amavis:yyyy@localhost/other', OURS)).toBe(false)
  expect(storesInto(undefined, OURS)).toBe(false)
  expect(storesInto('no URL', OURS)).toBe(false)
})
