import { expect, test } from 'vitest'
import { matchesSender } from '../../../src/rules/senders/matches-sender.ts'

test.each([
  ['bob@example.com', ['Bob@EXAMPLE.com'], true],
  ['bob@example.com', ['bounces@list.example', 'bob@example.com'], true],
  ['bob@example.com', ['bob@sub.example.com', 'rob@example.com'], false],
  ['john doe@example.com', ['"john doe"@example.com'], true],
  ['@example.com', ['bob@example.com'], true],
  ['@example.com', ['bob@sub.example.com'], false],
  ['@.example.com', ['bob@example.com'], true],
  ['@.example.com', ['bob@deep.sub.example.com'], true],
  ['@.example.com', ['bob@notexample.com'], false],
  ['@xn--bcher-kva.example', ['bob@bücher.example'], true],
  ['@example.com', ['', 'example.com', '<>'], false],
])('%s and %j: %s', (pattern, addresses, matches) => {
  expect(matchesSender(pattern, addresses)).toBe(matches)
})

test.each([
  ['bob@example.com', 'bob+list@example.com', '+', true],
  ['bob+list@example.com', 'bob+list@example.com', '+', true],
  ['bob+list@example.com', 'bob@example.com', '+', false],
  ['bob@example.com', 'bob+list@example.com', '', false],
])('%s and %s, where %j begins an extension: %s', (pattern, address, delimiter, matches) => {
  expect(matchesSender(pattern, [address], delimiter)).toBe(matches)
})
