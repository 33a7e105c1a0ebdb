import { expect, test } from 'vitest'
import {
  API_SCOPES,
  type ApiScope,
  mayWith,
  scopesIn,
  scopesText,
} from '../../../../src/desks/admin/api-keys/api-scopes.ts'

test.each<[ApiScope, readonly ApiScope[]]>([
  ['read', ['read']],
  ['write', ['read', 'write']],
  ['held:read', ['held:read']],
  ['held:release', ['held:read', 'held:release']],
  ['held:download', ['held:read', 'held:download']],
])('a key with %s may do what it names, and nothing else', (scope, allowed) => {
  expect(API_SCOPES.filter(needed => mayWith([scope], needed))).toEqual(allowed)
})

test('scopes are written each once in one order, and what no version knows is left out', () => {
  expect(scopesText(['held:read', 'read', 'held:read'])).toBe('read held:read')
  expect(scopesIn('read held:read held:shred')).toEqual(['read', 'held:read'])
  expect(scopesIn('')).toEqual([])
})
