import { expect, test } from 'vitest'
import { gatedRelease } from '../../../src/ground/amavisd/gated-release.ts'
import type { ReleaseAnswer } from '../../../src/ground/amavisd/transport.ts'
import { releaseRequest } from './release-request.ts'

const RELEASED: ReleaseAnswer = { outcome: 'released', reply: '250 2.0.0 Ok' }

test('at most so many requests run at once; the others wait', async () => {
  const { release, asked, answer } = gated(2)
  const answers = [1, 2, 3].map(() => release(releaseRequest()))
  await settled()
  expect(asked()).toBe(2)
  answer()
  await settled()
  expect(asked()).toBe(3)
  answer()
  answer()
  expect(await Promise.all(answers)).toEqual([RELEASED, RELEASED, RELEASED])
})

test('a request that makes no sense, or whose claim has expired, is not sent', async () => {
  const { release, asked } = gated(1)
  expect(await release(releaseRequest({ recipient: '' }))).toMatchObject({ outcome: 'refused' })
  const late = await release(releaseRequest(), undefined, async () => false)
  expect(late).toMatchObject({ outcome: 'unreachable', asked: false })
  expect(asked()).toBe(0)
})

test('a request that is aborted while it waits was not sent', async () => {
  const { release, answer } = gated(1)
  const first = release(releaseRequest())
  const stop = new AbortController()
  const second = release(releaseRequest(), stop.signal)
  stop.abort()
  expect(await second).toEqual({ outcome: 'unreachable', reply: 'Interrupted', asked: false })
  answer()
  expect(await first).toEqual(RELEASED)
})

/** An amavisd that answers when the test says so. */
function gated(connections: number) {
  const waiting: (() => void)[] = []
  let asked = 0
  const release = gatedRelease(connections, () => {
    asked += 1
    return new Promise(resolve => waiting.push(() => resolve(RELEASED)))
  })
  return { release, asked: () => asked, answer: () => waiting.shift()?.() }
}

const settled = () => new Promise(resolve => setImmediate(resolve))
