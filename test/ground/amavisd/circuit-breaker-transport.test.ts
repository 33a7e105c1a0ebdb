import type { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createAmPdpTransport } from '../../../src/ground/amavisd/am-pdp/am-pdp-transport.ts'
import { createCircuitBreakerTransport } from '../../../src/ground/amavisd/circuit-breaker-transport.ts'
import type { ReleaseAnswer } from '../../../src/ground/amavisd/transport.ts'
import { MINUTE } from '../../../src/ground/durations.ts'
import { manualClock } from '../../embedded/clock.ts'
import { DEFERRED, REFUSED, RELEASED, scriptedTransport, UNHEARD } from '../../embedded/scripted-transport.ts'
import { afterRequest, startScriptedServer } from '../../servers/scripted-server.ts'
import { releaseRequest } from './release-request.ts'

const DOWN: ReleaseAnswer = { outcome: 'unreachable', reply: 'connect ECONNREFUSED', asked: false }

test('an amavisd that is down is not asked again for two seconds, and the answer says why', async () => {
  const { amavisd, time, release } = protectedAmavisd()
  amavisd.answer = () => DOWN
  expect(await release()).toEqual(DOWN)
  for (time.now += 1; time.now < 2_000; time.now += 500) expect(await release()).toEqual(DOWN)
  expect(amavisd.requests).toHaveLength(1)
  time.now = 2_000
  await release()
  expect(amavisd.requests).toHaveLength(2)
})

test('when it is back, the first request finds out, and then all requests go through', async () => {
  const { amavisd, time, release } = protectedAmavisd()
  amavisd.answer = () => DOWN
  await release()
  time.now += 2_000
  amavisd.answer = () => RELEASED
  expect(await release()).toEqual(RELEASED)
  expect(await release()).toEqual(RELEASED)
})

test('while one request finds out whether it is back, the others do not wait', async () => {
  const { amavisd, time, release } = protectedAmavisd()
  amavisd.answer = () => DOWN
  await release()
  time.now += MINUTE
  const slow = Promise.withResolvers<ReleaseAnswer>()
  amavisd.answer = () => slow.promise
  const probe = release()
  await expect.poll(() => amavisd.requests.length).toBe(2)
  expect(await release()).toEqual(DOWN)
  expect(await release()).toEqual(DOWN)
  slow.resolve(RELEASED)
  expect(await probe).toEqual(RELEASED)
  expect(await release()).toEqual(RELEASED)
})

test('when it goes down, a request that waits for a free connection is answered without asking it', async () => {
  const { amavisd, release } = protectedAmavisd()
  const free = Promise.withResolvers<void>()
  amavisd.wait = () => free.promise
  const waiting = release()
  amavisd.wait = async () => {}
  amavisd.answer = () => DOWN
  await release()
  free.resolve()
  expect(await waiting).toEqual(DOWN)
  expect(amavisd.requests).toHaveLength(1)
})

test.each([RELEASED, DEFERRED, REFUSED, UNHEARD])('an amavisd that answers is up: %j', async answer => {
  const { amavisd, release } = protectedAmavisd()
  amavisd.answer = () => answer
  for (let times = 0; times < 3; times += 1) expect(await release()).toEqual(answer)
  expect(amavisd.requests).toHaveLength(3)
})

test('when the program stops, a request without a connection gives up, and one that was sent gets its answer', async () => {
  const sockets: Socket[] = []
  const amavisd = await startScriptedServer(afterRequest(socket => void sockets.push(socket)))
  onTestFinished(() => amavisd[Symbol.asyncDispose]())
  const via = { host: '127.0.0.1', port: amavisd.port }
  const amPdp = createAmPdpTransport({ via, timeout: 5_000, connections: 1 })
  const transport = createCircuitBreakerTransport(amPdp, () => 0)
  const stop = new AbortController()
  const asked = transport.release(releaseRequest(), stop.signal)
  const waiting = transport.release(releaseRequest(), stop.signal)
  await expect.poll(() => sockets.length).toBe(1)
  stop.abort()
  expect(await waiting).toMatchObject({
    outcome: 'unreachable',
    asked: false,
    reply: expect.stringContaining('stopped'),
  })
  const late = await transport.release(releaseRequest(), stop.signal)
  expect(late).toMatchObject({ outcome: 'unreachable', asked: false })
  sockets[0]?.end('setreply=250 2.0.0 Ok\r\n\r\n')
  expect(await asked).toMatchObject({ outcome: 'released' })
  expect(sockets).toHaveLength(1)
})

test('a request whose claim has expired says nothing about amavisd', async () => {
  const { transport, release } = protectedAmavisd()
  const late = await transport.release(releaseRequest(), undefined, async () => false)
  expect(late).toMatchObject({ outcome: 'unreachable', asked: false })
  expect(await release()).toEqual(RELEASED)
})

test('if a probing request loses its claim, the next request finds out', async () => {
  const { amavisd, time, transport, release } = protectedAmavisd()
  amavisd.answer = () => DOWN
  await release()
  time.now += 2_000
  await transport.release(releaseRequest(), undefined, async () => false)
  amavisd.answer = () => RELEASED
  expect(await release()).toEqual(RELEASED)
})

test('a probe that finds it up lets all requests through at once', async () => {
  const { amavisd, transport, release } = protectedAmavisd()
  amavisd.answer = () => DOWN
  await release()
  amavisd.answer = () => RELEASED
  amavisd.probe = async () => 'still down'
  expect(await transport.probe()).toBe('still down')
  expect(await release()).toEqual(DOWN)
  amavisd.probe = async () => undefined
  expect(await transport.probe()).toBeUndefined()
  expect(await release()).toEqual(RELEASED)
})

function protectedAmavisd() {
  const amavisd = scriptedTransport()
  const time = manualClock(0)
  const transport = createCircuitBreakerTransport(amavisd, time.clock)
  return { amavisd, time, transport, release: () => transport.release(releaseRequest()) }
}
