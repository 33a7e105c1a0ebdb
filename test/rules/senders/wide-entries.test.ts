import { expect, test } from 'vitest'
import { mayBeWide, whyNotWide } from '../../../src/rules/senders/wide-entries.ts'

test.each([
  ...['gmail.com', 'googlemail.com', 'gmx.net', 'gmx.ch', 'gmx.co.uk', 'web.de', 't-online.de', 'posteo.de'],
  ...[
    'outlook.com',
    'outlook.fr',
    'hotmail.co.uk',
    'live.de',
    'msn.com',
    'yahoo.com',
    'yahoo.co.jp',
    'aol.com',
  ],
  ...['icloud.com', 'me.com', 'proton.me', 'pm.me', 'tutanota.com', 'orange.fr', 'free.fr', 'laposte.net'],
  ...['mail.ru', 'yandex.ru', 'qq.com', '163.com', 'naver.com', 'seznam.cz', 'wp.pl', 'o2.pl', 'onet.pl'],
  ...['libero.it', 'uol.com.br', 'bluewin.ch', 'mail.com', 'mail.yahoo.com', 'any.gmail.com'],
])('%s is freemail', domain => {
  expect(whyNotWide(domain, [])).toBe('freemail')
})

test.each(['com', 'co.uk', 'github.io', 'xn--p1ai'])('%s is a public suffix', domain => {
  expect(whyNotWide(domain, [])).toBe('suffix')
})

test.each(['example.com', 'sub.example.com', 'google.com', 'sap.com', 'bbc.co.uk', 'intranet', 'mail.local'])(
  '%s may have an entry for everybody',
  domain => {
    expect(mayBeWide(domain, ['example.net'])).toBe(true)
  },
)

test('one’s own domains and what is below them may not', () => {
  expect(whyNotWide('example.net', ['example.org', 'example.net'])).toBe('own')
  expect(whyNotWide('news.example.net', ['example.net'])).toBe('own')
  expect(mayBeWide('notexample.net', ['example.net'])).toBe(true)
})
