import { expect, test } from 'vitest'
import { withoutExtension } from '../../../src/ground/directory/extension.ts'

test.each([
  ['bob+list@example.com', '+', 'bob@example.com'],
  ['bob-list@example.com', '+-', 'bob@example.com'],
  ['bob+a+b@example.com', '+', 'bob@example.com'],
  ['bob+@example.com', '+', 'bob@example.com'],
])('%s without what follows %s is %s', (address, delimiter, reader) => {
  expect(withoutExtension(address, delimiter)).toBe(reader)
})

test.each([
  ['bob@example.com', '+'],
  ['bob+list@example.com', ''],
  ['+bob@example.com', '+'],
  ['bob@exam+ple.com', '+'],
  ['owner-list@example.com', '-'],
  ['list-request@example.com', '-'],
  ['double-bounce@example.com', '-'],
])('%s has no extension that begins with one of "%s"', (address, delimiter) => {
  expect(withoutExtension(address, delimiter)).toBeUndefined()
})
