import { expect, test } from 'vitest'
import { clientAddress, plainAddress } from '../../../../src/doors/http/middleware/client-address.ts'

const PROXIES = ['127.0.0.1', '10.0.0.5']
const of = (peer: string | undefined, forwarded?: string | string[]) =>
  clientAddress(peer, forwarded, address => PROXIES.includes(address))

test.each([
  ['203.0.113.9', '203.0.113.9'],
  [' 203.0.113.9 ', '203.0.113.9'],
  ['203.0.113.9:4711', '203.0.113.9'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%25eth0]:80', 'fe80::1'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::ffff:cb00:7109', '203.0.113.9'],
  ['made up', undefined],
  ['', undefined],
  ['203.0.113.9.1', undefined],
  ['203.0.113', undefined],
  ['0xcb007109', undefined],
  ['unix:', undefined],
  ['localhost', undefined],
  ['[203.0.113.9', undefined],
])('the address in %j is %j', (text, address) => {
  expect(plainAddress(text)).toBe(address)
})

test.each([
  ['nobody is trusted', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['there is no proxy', '203.0.113.9', undefined, '203.0.113.9'],
  ['a proxy is trusted', '127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['a proxy is reached by IPv6', '::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['a client made up what stands before its address', '127.0.0.1', '10.0.0.5, 198.51.100.1', '198.51.100.1'],
  ['two proxies are trusted', '127.0.0.1', '198.51.100.1, 10.0.0.5:4711', '198.51.100.1'],
  ['the entry is no address', '127.0.0.1', 'made up', '127.0.0.1'],
  ['the entry of the second proxy is no address', '127.0.0.1', '198.51.100.1, made up', '127.0.0.1'],
  ['the entry is empty', '127.0.0.1', '', '127.0.0.1'],
])('whose request it is when %s', (_, peer, forwarded, address) => {
  expect(of(peer, forwarded)).toBe(address)
})

test('the header may come several times, and the connection may be closed', () => {
  expect(of('127.0.0.1', ['198.51.100.1', '198.51.100.2'])).toBe('198.51.100.2')
  expect(of(undefined, '198.51.100.1')).toBeUndefined()
})
