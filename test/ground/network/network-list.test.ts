import { expect, test } from 'vitest'
import { isNetwork, networkList } from '../../../src/ground/network/network-list.ts'

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['127.0.0.1', '::ffff:127.0.0.1', true],
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.128/25', '192.0.2.127', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:1::9', true],
  ['2001:db8::/32', '2001:db9::9', false],
  ['::1', '::1', true],
  ['::1', 'not an address', false],
])('%s has %s: %s', (network, address, isIn) => {
  expect(networkList(['198.51.100.1', network])(address)).toBe(isIn)
})

test.each([
  'loopback',
  '',
  '1.2.3',
  '1.2.3.4/33',
  '::/129',
  '1.2.3.4/x',
  '1.2.3.4/',
  'example.com',
  '1.2.3.999',
])('%j is no network', text => {
  expect(isNetwork(text)).toBe(false)
})
