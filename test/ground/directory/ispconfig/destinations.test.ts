import { expect, test } from 'vitest'
import { destinationsIn, MAX_DESTINATIONS } from '../../../../src/ground/directory/ispconfig/destinations.ts'

test.each<[text: string | null, ...destinations: string[]]>([
  [null],
  [' \r\n,;'],
  ['a@x.example', 'a@x.example'],
  ['a@x.example,b@x.example', 'a@x.example', 'b@x.example'],
  [
    'a@x.example\r\nb@x.example\tc@x.example;d@x.example',
    ...['a', 'b', 'c', 'd'].map(name => `${name}@x.example`),
  ],
  ['A@X.example a@x.example', 'a@x.example'],
  ['"a b,c"@x.example d@x.example', '"a b,c"@x.example', 'd@x.example'],
  ['Bob Builder <bob@bücher.example>', 'bob@xn--bcher-kva.example'],
  ['ü@x.example', 'ü@x.example'],
  ['@x.example', '@x.example'],
  ['|/usr/bin/procmail /dev/null :include:/etc/list bob'],
  ['"a b@x.example'],
])('%j holds the destinations that Postfix would find', (text, ...destinations) => {
  expect(destinationsIn(text)).toEqual(destinations)
})

test('reads one more than are followed, and leaves the rest', () => {
  const many = Array.from({ length: 100_000 }, (_, index) => `m${index}@x.example`)
  expect(destinationsIn(many.join(' '))).toHaveLength(MAX_DESTINATIONS + 1)
})

test('reads hostile text in no time', () => {
  const began = performance.now()
  for (const text of [
    '"'.repeat(65_000),
    '\\'.repeat(65_000),
    `"${'\\"'.repeat(30_000)}`,
    'a'.repeat(65_000),
  ])
    expect(destinationsIn(text)).toEqual([])
  expect(performance.now() - began).toBeLessThan(500)
})
