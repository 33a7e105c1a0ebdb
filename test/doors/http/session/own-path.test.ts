import { expect, test } from 'vitest'
import { ownPath } from '../../../../src/doors/http/session/own-path.ts'

test.each([
  ['/admin', '/admin'],
  ['/admin/schedules', '/admin/schedules'],
  ['/admin/readers?q=alice%40example.com', '/admin/readers?q=alice%40example.com'],
  ['/held/admin/readers', '/admin/readers'],
  ['/admin/./schedules/../readers', '/admin/readers'],
])('%j is an admin page', (text, path) => {
  expect(ownPath(text, '/admin', '/held')).toBe(path)
})

test.each([
  '',
  'admin',
  'https://evil.example/admin',
  '//evil.example/admin',
  '///evil.example/admin',
  '/\\evil.example/admin',
  '\\\\evil.example/admin',
  '/\t/evil.example/admin',
  '/admin/..//evil.example',
  '/admin/../release/TOKEN',
  '/administrator',
  '/held',
  '/heldadmin',
  'javascript:alert(1)',
  '/admin/sign-in',
  '/admin/sign-out',
])('%j leads elsewhere, and is not followed', text => {
  expect(ownPath(text, '/admin', '/held')).toBeUndefined()
})

test('a path of the readers leads back only to their pages', () => {
  expect(ownPath('/mail/A.b.1', '/mail', '')).toBe('/mail/A.b.1')
  expect(ownPath('/admin', '/mail', '')).toBeUndefined()
  expect(ownPath('/mailbox', '/mail', '')).toBeUndefined()
  expect(ownPath('/mail/sign-out', '/mail', '')).toBeUndefined()
})
