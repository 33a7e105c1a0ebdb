import { expect, test } from 'vitest'
import { clientAddressFinding, FORGED_CLIENT } from '../../../../src/work/doctor/public-url/client-address.ts'

const CLIENT = '192.0.2.7'
const PROXY = '10.0.0.1'

test.each([
  ['a proxy tells the address', { client: CLIENT, peer: PROXY, forwardedFor: CLIENT }, 'ok'],
  [
    'a proxy adds the address',
    { client: CLIENT, peer: PROXY, forwardedFor: `${FORGED_CLIENT}, ${CLIENT}` },
    'ok',
  ],
  ['the proxy is not trusted', { client: PROXY, peer: PROXY, forwardedFor: CLIENT }, 'warn'],
  ['the proxy tells nothing', { client: PROXY, peer: PROXY, forwardedFor: null }, 'warn'],
  [
    'the proxy passes on what the client says',
    { client: PROXY, peer: PROXY, forwardedFor: FORGED_CLIENT },
    'warn',
  ],
  [
    'what the client says is believed',
    { client: FORGED_CLIENT, peer: PROXY, forwardedFor: FORGED_CLIENT },
    'warn',
  ],
] as const)('%s', (_, seen, status) => {
  expect(clientAddressFinding({ proof: '', ...seen }, { from: CLIENT, isTls: true }).status).toBe(status)
})

test('names the proxy that is to be trusted, not as IPv6', () => {
  const answer = { proof: '', client: PROXY, peer: `::ffff:${PROXY}`, forwardedFor: CLIENT }
  expect(clientAddressFinding(answer, { from: CLIENT, isTls: true }).fix).toBe(
    'http: { trustProxy: [10.0.0.1] }',
  )
})

test('a service without a proxy is fine, as long as it believes no client', () => {
  const direct = { proof: '', client: '127.0.0.1', peer: '127.0.0.1', forwardedFor: FORGED_CLIENT }
  expect(clientAddressFinding(direct, { from: '127.0.0.1', isTls: false }).status).toBe('ok')
  expect(
    clientAddressFinding({ ...direct, client: FORGED_CLIENT }, { from: '127.0.0.1', isTls: false }).status,
  ).toBe('warn')
})
