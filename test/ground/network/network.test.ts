import { expect, test } from 'vitest'
import { networkOf } from '../../../src/ground/network/network.ts'

test.each([
  ['192.0.2.17', '192.0.2.0/24'],
  ['2001:db8::1', '2001:db8:0:0::/56'],
  ['2001:db8:1:2ff:3:4:5:6', '2001:db8:1:200::/56'],
  ['2001:db8:1:3ff::', '2001:db8:1:300::/56'],
  ['::1', '0:0:0:0::/56'],
  ['fe80::1:2', 'fe80:0:0:0::/56'],
  ['', ''],
  ['no address', 'no address'],
])('the network of %j is %j', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('the network of any text fits into the column', () => {
  expect(networkOf('x'.repeat(500))).toHaveLength(64)
})
