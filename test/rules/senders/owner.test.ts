import { expect, test } from 'vitest'
import { ownerNamed, ownerOfScope } from '../../../src/rules/senders/owner.ts'

test.each([
  ['Alice@Example.COM', 'alice@example.com'],
  [' @Example.com ', '@example.com'],
  ['example.com', '@example.com'],
  ['@bücher.example', '@xn--bcher-kva.example'],
  ['@.', '@.'],
  ['@', '@.'],
  // Lists are kept for no subdomains, and for nothing that is neither an address nor a domain.
  ['@.example.com', undefined],
  ['alice', undefined],
  ['', undefined],
  [`${'a'.repeat(300)}@example.com`, undefined],
])('%s names the owner %s', (text, owner) => {
  expect(ownerNamed(text)).toBe(owner)
})

test('the settings of everybody and the lists of everybody are written differently', () => {
  expect(ownerOfScope('@')).toBe('@.')
  expect(ownerOfScope('@example.com')).toBe('@example.com')
})
