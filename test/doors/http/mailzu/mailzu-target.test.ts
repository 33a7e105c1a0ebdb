import { expect, test } from 'vitest'
import { mailzuTarget } from '../../../../src/doors/http/mailzu/mailzu-target.ts'

const target = (path: string, isAdmin = false) => {
  const [script = '', query] = path.split('?')
  return decodeURIComponent(mailzuTarget(script, new URLSearchParams(query), isAdmin).replaceAll('+', ' '))
}

test.each([
  ['', '/mail'],
  ['index.php', '/mail'],
  ['messagesIndex.php?ctype=A', '/mail'],
  ['messagesIndex.php?ctype=S&order=spam_level&vert=ASC', '/mail?q=type:spam&sort=score&dir=asc'],
  ['messagesPending.php?ctype=A', '/mail?q=is:requested'],
  ['summary.php', '/mail/summary'],
  ['messagesAdmin.php?ctype=V&searchOnly=1', '/admin/held?q=type:virus'],
  [
    'messagesAdmin.php?f_criterion=not_contain&f_string=shop&s_criterion=equals&s_string=Your order&ctype=B',
    '/admin/held?q=-from:shop subject:="Your order" type:banned',
  ],
  ['messagesPendingAdmin.php', '/admin/held?q=is:requested'],
  ['messagesSummary.php', '/admin/held/summary'],
  [
    'read_mail.php?mail_id=j_hWRAnY0bvs&recip_email=alice@example.com&ctype=S',
    '/mail?q=id:j_hWRAnY0bvs to:alice@example.com is:held is:requested is:released is:deleted',
  ],
  ['send_mail.php', '/mail'],
])('%s of Mailzu leads to %s', (from, to) => {
  expect(target(from)).toBe(to)
})

test('an admin who follows a link of Mailzu to a message, or to its start, comes to the admins’ list', () => {
  expect(target('', true)).toBe('/admin/held')
  expect(target('index.php', true)).toBe('/admin/held')
  expect(target('read_mail.php?mail_id=j_hWRAnY0bvs', true)).toMatch(/^\/admin\/held\?q=id:j_hWRAnY0bvs /)
})

test('what is no search of Mailzu leads to a search that can be read', () => {
  expect(target("messagesIndex.php?f_string=%22%25_'&order=nonsense&ctype=x")).toBe('/mail?q=from:"\\"%_\'"')
})
