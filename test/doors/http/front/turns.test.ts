import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTurns } from '../../../../src/doors/http/front/turns.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('while digests are sent, requests take their share of the time and no more, in their order', () => {
  const done: number[] = []
  const turns = createTurns({ isBusy: () => true, share: 0.2, now: () => Date.now() })
  for (let request = 0; request < 1000; request += 1) turns.take(1, () => done.push(request), 1)
  expect(done.length).toBeLessThan(30)
  vi.advanceTimersByTime(1000)
  expect(done.length).toBeGreaterThan(150)
  expect(done.length).toBeLessThan(250)
  expect(done).toEqual(done.map((_, index) => index))
})

test('those who wait when the run ends go on at once, but not all in one turn', () => {
  const done: number[] = []
  let isBusy = true
  const turns = createTurns({ isBusy: () => isBusy, share: 0.2, now: () => Date.now() })
  for (let request = 0; request < 1000; request += 1) turns.take(1, () => done.push(request), 1)
  isBusy = false
  let most = 0
  for (let turn = 0, before = done.length; turn < 2000; turn += 1, before = done.length) {
    vi.advanceTimersByTime(1)
    most = Math.max(most, done.length - before)
  }
  expect(most).toBeLessThan(30)
  expect(done).toEqual(Array.from({ length: 1000 }, (_, index) => index))
})

test('where no digest is sent, nothing waits; where too many wait, the rest is refused', () => {
  let isBusy = false
  const turns = createTurns({ isBusy: () => isBusy, share: 0.2, now: () => Date.now() })
  const answers = Array.from({ length: 5000 }, () => turns.take(1, () => undefined, 1))
  expect(new Set(answers)).toEqual(new Set(['done']))
  isBusy = true
  const later = Array.from({ length: 3000 }, () => turns.take(1, () => undefined, 1))
  expect(later.slice(-3)).toEqual(['refused', 'refused', 'refused'])
  vi.advanceTimersByTime(60_000)
  expect(turns.take(1, () => undefined, 1)).toBe('done')
})

test('what was spent before a run is no debt of the run', () => {
  let isBusy = false
  const turns = createTurns({ isBusy: () => isBusy, share: 0.2, now: () => Date.now() })
  for (let request = 0; request < 100_000; request += 1) turns.take(1, () => undefined, 1)
  vi.advanceTimersByTime(1000)
  isBusy = true
  expect(turns.take(1, () => undefined, 1)).toBe('done')
})

test('requests that may fill half of the queue leave the other half to the others', () => {
  const turns = createTurns({ isBusy: () => true, share: 0.2, now: () => Date.now() })
  const madeUp = Array.from({ length: 3000 }, () => turns.take(1, () => undefined, 0.5))
  expect(madeUp.at(-1)).toBe('refused')
  expect(turns.take(1, () => undefined, 1)).toBe('waits')
})
