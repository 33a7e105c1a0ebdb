import { describe, expect, test } from 'vitest'
import { senderPattern } from '../../../src/rules/senders/sender-pattern.ts'

describe('what people type becomes what amavisd looks up:', () => {
  test.each([
    ['bob@example.com', 'bob@example.com'],
    ['  Bob.Smith@Example.COM ', 'bob.smith@example.com'],
    ['<bob@example.com>', 'bob@example.com'],
    ['Bob "the Fox" Smith <bob@example.com>', 'bob@example.com'],
    ['*Bob* <bob@example.com>', 'bob@example.com'],
    ['mailto:bob@example.com', 'bob@example.com'],
    ['bob@example.com.', 'bob@example.com'],
    ['bob+list@example.com', 'bob+list@example.com'],
    ['"bob"@example.com', 'bob@example.com'],
    ['"john doe"@example.com', 'john doe@example.com'],
    ['bob@bücher.example', 'bob@xn--bcher-kva.example'],
    ['bob@XN--BCHER-KVA.example', 'bob@xn--bcher-kva.example'],
    ['@Example.com', '@example.com'],
    ['@.Example.com', '@.example.com'],
    ['@.bücher.example', '@.xn--bcher-kva.example'],
    [`${'b'.repeat(64)}@example.com`, `${'b'.repeat(64)}@example.com`],
  ])('%s', (typed, pattern) => {
    expect(senderPattern(typed)).toBe(pattern)
    if (!pattern.includes(' ')) expect(senderPattern(pattern)).toBe(pattern)
  })
})

describe('a form that amavisd never matches is refused with the one that is meant:', () => {
  test.each([
    ['example.com', 'Write @example.com for everybody at example.com.'],
    ['bücher.example', 'Write @xn--bcher-kva.example for everybody at xn--bcher-kva.example.'],
    ['*@example.com', 'Write @example.com for everybody at example.com.'],
    ['.example.com', 'Write @.example.com for everybody at example.com and its subdomains.'],
    ['*.example.com', 'Write @.example.com for everybody at example.com and its subdomains.'],
    ['*@*.example.com', 'Write @.example.com for everybody at example.com and its subdomains.'],
    ['@*.example.com', 'Write @.example.com for everybody at example.com and its subdomains.'],
    ['bob*@example.com', 'amavisd knows no asterisks. Write an address or @example.com.'],
    ['bob', 'An address has an @. Write an address such as bob@example.com.'],
    ['', 'Write an address such as bob@example.com.'],
    ['<>', 'Write an address such as bob@example.com.'],
    ['@.', 'An entry for everybody would be no list. Write an address.'],
    ['*', 'An entry for everybody would be no list. Write an address.'],
    ['@', 'An entry for everybody would be no list. Write an address.'],
    ['*@*', 'An entry for everybody would be no list. Write an address.'],
    ['@..', 'There is no domain .. Write a domain such as @example.com.'],
    ['bob@exa mple.com', 'bob@exa mple.com is no address. Write an address such as bob@example.com.'],
    [
      'jörg@example.com',
      'amavisd may not recognise jörg@example.com. Write @example.com for everybody at example.com.',
    ],
    [`${'b'.repeat(288)}@example.com`, 'An address has at most 254 characters.'],
    ['x'.repeat(1001), 'An address has at most 254 characters.'],
  ])('%s', (typed, message) => {
    expect(() => senderPattern(typed)).toThrow(expect.objectContaining({ code: 'SENDER_INVALID', message }))
  })
})

test.each([
  '@@example.com',
  'a@@',
  '@[127.0.0.1',
  'a@b@',
  'bob@example.com, eve@example.com',
  'bob@-x.example',
  'a\nb@example.com',
  '\u202ebob@example.com',
])('nothing becomes an entry by chance: %j', typed => {
  expect(() => senderPattern(typed)).toThrow(expect.objectContaining({ code: 'SENDER_INVALID' }))
})

test('ten thousand entries are read at once, and hostile ones cost no more than others', () => {
  const typed = Array.from({ length: 10_000 }, (_, index) => `Sender ${index} <s${index}@example.com>`)
  const hostile = [
    '*@'.repeat(490),
    '*.'.repeat(490),
    '<'.repeat(990),
    `@${'a.'.repeat(490)}`,
    `"${'\\'.repeat(980)}`,
  ]
  const before = performance.now()
  expect(typed.map(senderPattern).at(-1)).toBe('s9999@example.com')
  for (const text of hostile.flatMap(each => Array.from({ length: 20 }, () => each)))
    expect(() => senderPattern(text)).toThrow(expect.objectContaining({ code: 'SENDER_INVALID' }))
  expect(performance.now() - before).toBeLessThan(2000)
})

test.each(['gmail.com', '*@gmail.com', '.gmail.com', 'jürgen@gmail.com', '*@com'])(
  'an entry for everybody that would be refused is not proposed for %s',
  typed => {
    expect(() => senderPattern(typed)).toThrow(expect.objectContaining({ code: 'SENDER_INVALID' }))
    expect(() => senderPattern(typed)).not.toThrow(/for everybody/)
  },
)
