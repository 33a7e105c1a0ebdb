import { expect, test } from 'vitest'
import { createHostTransport } from '../../../src/ground/amavisd/host-transport.ts'
import { scriptedTransport } from '../../embedded/scripted-transport.ts'
import { releaseRequest } from './release-request.ts'

test.each([
  ['mx1.example.com', 'mx1'],
  ['MX1.Example.COM', 'mx1'],
  ['mx1.example.com.', 'mx1'],
  ['mx2.example.com', 'mx2'],
  ['mx3.example.com', 'standard'],
  ['example.com', 'standard'],
  ['', 'standard'],
])('a message that %j holds is asked for at %s', async (host, asked) => {
  const { endpoints, transport } = severalAmavisd()
  await transport.release(releaseRequest({ host }))
  const requests = Object.entries(endpoints).flatMap(([name, { requests }]) => requests.map(() => name))
  expect(requests).toEqual([asked])
})

test('whoever waits for a connection is told when it is their turn, whichever amavisd it is', async () => {
  const { endpoints, transport } = severalAmavisd()
  const tooLate = async () => false
  const answer = await transport.release(releaseRequest({ host: 'mx1.example.com' }), undefined, tooLate)
  expect(answer).toMatchObject({ outcome: 'unreachable', asked: false })
  expect(endpoints.mx1.requests).toEqual([])
})

test('all is well when each amavisd is there, and each that is not is named in its own words', async () => {
  const { endpoints, transport } = severalAmavisd()
  expect(await transport.probe()).toBeUndefined()
  endpoints.mx1.probe = async () => 'mx1 is away'
  endpoints.standard.probe = async () => 'so is the other'
  expect(await transport.probe()).toBe('so is the other; mx1 is away')
})

function severalAmavisd() {
  const endpoints = { standard: scriptedTransport(), mx1: scriptedTransport(), mx2: scriptedTransport() }
  const byHost = new Map([
    ['Mx1.example.com', endpoints.mx1],
    ['mx2.example.com.', endpoints.mx2],
  ])
  return { endpoints, transport: createHostTransport(endpoints.standard, byHost) }
}
