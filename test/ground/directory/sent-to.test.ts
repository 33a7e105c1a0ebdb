import { expect, test } from 'vitest'
import { sentTo } from '../../../src/ground/directory/sent-to.ts'

test.each<[string, string, string]>([
  ['the reader’s own address is not shown', 'bob@example.com', ''],
  ['neither is another spelling of it', 'Bob@EXAMPLE.com', ''],
  ['nor its domain in letters of another script', 'bob@bücher.example', ''],
  ['an alias is shown', 'sales@example.com', 'sales@example.com'],
  ['an extension is shown', 'bob+list@example.com', 'bob+list@example.com'],
  ['what is no address is shown', 'bob', 'bob'],
  ['nothing in it turns the text around', 'moc\u202E.elas@example.com', 'moc.elas@example.com'],
  ['a long one is cut', `${'x'.repeat(64)}@example.com`, `${'x'.repeat(40)}…@example.com`],
])('%s', (_, recipient, shown) => {
  const reader = recipient.includes('ü') ? 'bob@xn--bcher-kva.example' : 'bob@example.com'
  expect(sentTo(recipient, reader)).toBe(shown)
})
