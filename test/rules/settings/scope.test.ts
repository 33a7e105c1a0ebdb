import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalScope, isReader, layersOf, scopeOf } from '../../../src/rules/settings/scope.ts'

test.each([
  ['@', '@'],
  [' @ ', '@'],
  ['@Example.COM', '@example.com'],
  ['@example.com.', '@example.com'],
  ['@bücher.example', '@xn--bcher-kva.example'],
  ['@BÜCHER.example', '@xn--bcher-kva.example'],
  ['@xn--bcher-kva.example', '@xn--bcher-kva.example'],
  ['@[192.0.2.1]', '@[192.0.2.1]'],
  ['@_x.1a-b.example', '@_x.1a-b.example'],
  [`@${'x'.repeat(63)}.example`, `@${'x'.repeat(63)}.example`],
  ['Alice@Example.COM', 'alice@example.com'],
  ['"alice"@example.com', 'alice@example.com'],
  ['"a@b"@example.com', '"a@b"@example.com'],
  ['alice@bücher.example.', 'alice@xn--bcher-kva.example'],
])('the canonical form of %s is %s', (text, scope) => {
  expect(scopeOf(text)).toBe(scope)
  expect(scopeOf(scope)).toBe(scope)
})

test.each(
  [
    [
      '',
      'x',
      '*',
      '*@example.com@',
      'Alice',
      'a b@example.com',
      'alice@',
      '@@',
      '@.',
      '@exa mple.com',
      '@a/b.example',
    ],
    [
      '@a?b',
      '@a#b',
      '@user@example.com',
      'a@b\u0000.example',
      '@a\r\nb.example',
      '@a,b',
      '@.example.com',
      '@a..b',
      '@-x-',
      '@x-.example',
      '@1',
      '@1.2.3.4',
      '@0x7f.1',
      `@${'x'.repeat(64)}.example`,
      `@${'x'.repeat(300)}`,
    ],
  ].flat(),
)('%j is not a scope', text => {
  expect(canonicalScope(text)).toBeUndefined()
  expect(() => scopeOf(text)).toThrow(
    expect.objectContaining({
      code: 'SETTING_INVALID',
      message: expect.stringContaining('expected an address'),
    }),
  )
})

test('a canonical scope is its own canonical form', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map(text => `@${text}`),
        fc.emailAddress(),
      ),
      text => {
        const scope = canonicalScope(text)
        if (scope !== undefined) expect(canonicalScope(scope)).toBe(scope)
      },
    ),
  )
})

test('the layers of a reader, a domain and everybody', () => {
  expect(layersOf('"a@b"@example.com')).toEqual(['"a@b"@example.com', '@example.com', '@'])
  expect(layersOf('@example.com')).toEqual(['@example.com', '@'])
  expect(layersOf('@')).toEqual(['@'])
  expect(['a@b.example', '@b.example', '@'].map(isReader)).toEqual([true, false, false])
})
