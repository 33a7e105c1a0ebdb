import { expect, test } from 'vitest'
import { createHostTransport } from '../../../src/ground/amavisd/host-transport.ts'
import { scriptedTransport } from '../../embedded/scripted-transport.ts'
import { releaseRequest } from './release-request.ts'

test.each([
  ['mx1.example.com', 'mx1'],
  ['MX1.Example.COM', 'mx1'],
  ['mx1.example.com.', 'mx1'],
  ['mx2.example.com', 'mx2'],
  ['mx3.example.com', 'default'],
  ['example.com', 'default'],
  ['', 'default'],
])('for a message that %j holds, %s is asked', async (host, asked) => {
  const { endpoints, transport } = severalAmavisd()
  await transport.release(releaseRequest({ host }))
  const requests = Object.entries(endpoints).flatMap(([name, { requests }]) => requests.map(() => name))
  expect(requests).toEqual([asked])
})

test('every amavisd is asked only after the caller has agreed', async () => {
  const { endpoints, transport } = severalAmavisd()
  const mayNotAsk = async () => false
  const answer = await transport.release(releaseRequest({ host: 'mx1.example.com' }), undefined, mayNotAsk)
  expect(answer).toMatchObject({ outcome: 'unreachable', asked: false })
  expect(endpoints.mx1.requests).toEqual([])
})

test('a probe succeeds when every amavisd is up, and otherwise reports the fault of each one that is not', async () => {
  const { endpoints, transport } = severalAmavisd()
  expect(await transport.probe()).toBeUndefined()
  endpoints.mx1.probe = async () => 'mx1 is down'
  endpoints.default.probe = async () => 'the default one is down'
  expect(await transport.probe()).toBe('the default one is down; mx1 is down')
})

function severalAmavisd() {
  const endpoints = { default: scriptedTransport(), mx1: scriptedTransport(), mx2: scriptedTransport() }
  const byHost = new Map([
    ['Mx1.example.com', endpoints.mx1],
    ['mx2.example.com.', endpoints.mx2],
  ])
  return { endpoints, transport: createHostTransport(endpoints.default, byHost) }
}
