import { describe, expect, test } from 'vitest'
import type { ContentKind } from '../../../src/ground/amavis/content.ts'
import { heldBecause } from '../../../src/ground/amavis/held-because.ts'

const because = (kind: ContentKind, reason: string, isBlockListed = false) =>
  heldBecause(kind, `250 2.7.0 Ok, discarded, id=02345-01 - ${reason}`, isBlockListed)

describe('The reply that amavisd stores says which file was banned', () => {
  test.each([
    ['BANNED: application/octet-stream,invoice final.exe', 'invoice final.exe'],
    ['BANNED: application/x-dosexec,.exe,.exe-ms,setup.exe', 'setup.exe'],
    ['BANNED: windows shortcut:application/octet-stream,.lnk,short.lnk', 'short.lnk'],
    ['BANNED: application/octet-stream,.exe,invoice, final: paid.exe', 'invoice, final: paid.exe'],
    ['BANNED: application/octet-stream,a/b.exe', 'a/b.exe'],
    ['BANNED: application/octet-stream,.exe,.exe-ms', '.exe-ms'],
  ])('%s', (reason, name) => {
    expect(because('banned', reason)).toEqual({ detail: 'named', name })
  })
})

test('The reply names a virus', () => {
  expect(because('virus', 'INFECTED: Eicar-Test-Signature, Other')).toEqual({
    detail: 'named',
    name: 'Eicar-Test-Signature, Other',
  })
})

test('The reply says why a message could not be checked', () => {
  expect(because('unchecked', 'UNCHECKED: encrypted')).toEqual({ detail: 'encrypted' })
  expect(because('unchecked', 'UNCHECKED: over limits')).toEqual({ detail: 'overLimits' })
})

test('A sender on a block list is named as that, whatever the score', () => {
  expect(because('spam', 'spam', true)).toEqual({ detail: 'blockListed' })
  expect(because('banned', 'BANNED: application/octet-stream,a.exe', true)).toEqual({
    detail: 'named',
    name: 'a.exe',
  })
})

test.each([
  ['banned', 'BANNED: multipart/mixed'],
  ['banned', 'BANNED: '],
  ['banned', 'BANNED'],
  ['banned', 'Verboten'],
  ['spam', 'BANNED: application/octet-stream,a.exe'],
  ['unchecked', 'UNCHECKED: ambiguous content'],
  ['other', ''],
] as const)('%s: a reply of another form (%s) says nothing', (kind, reason) => {
  expect(because(kind, reason)).toEqual({ detail: 'unknown' })
})
