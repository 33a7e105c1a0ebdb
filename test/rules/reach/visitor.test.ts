import { expect, test } from 'vitest'
import { asReader, requirePermission, type Visitor } from '../../../src/rules/reach/visitor.ts'

const byLink: Visitor = { reader: 'alice@example.com', by: 'link', may: ['read', 'release'] }

test('a visitor may do what the link is for, and nothing else', () => {
  expect(() => requirePermission(byLink, 'release')).not.toThrow()
  expect(() => requirePermission(byLink, 'settings')).toThrow(
    expect.objectContaining({ code: 'OUT_OF_REACH' }),
  )
})

test('a visitor may not touch anything of another reader', () => {
  expect(() => requirePermission(asReader('alice@example.com'), 'read', 'bob@example.com')).toThrow(
    expect.objectContaining({ code: 'OUT_OF_REACH' }),
  )
})

test('a visitor who acts as the reader may do everything a reader may', () => {
  for (const permission of ['read', 'release', 'settings', 'destination'] as const)
    expect(() => requirePermission(asReader('alice@example.com'), permission)).not.toThrow()
})
