import { expect, test } from 'vitest'
import { createPace } from '../../../src/ground/concurrency/pace.ts'
import { MINUTE } from '../../../src/ground/durations.ts'

test('steps are taken at an even pace', () => {
  expect(stepsWithin(1000, 50, 1)).toBe(51)
  expect(stepsWithin(9_000, 0.5, 1)).toBe(5)
})

test('late timers do not slow the pace', () => {
  expect(stepsWithin(1000, 500, 10)).toBeGreaterThan(490)
})

test('steps that were not taken during a rest are not made up for', () => {
  let now = 0
  const pace = createPace(100, () => now)
  pace.step()
  now = MINUTE
  let steps = 0
  for (; pace.pause() === 0; steps++) pace.step()
  expect(steps).toBeLessThanOrEqual(3)
})

test('without a rate there is no pause', () => {
  const pace = createPace(undefined, () => 0)
  pace.step()
  expect(pace.pause()).toBe(0)
})

/** The steps taken within `duration`, checked every `every` milliseconds. */
function stepsWithin(duration: number, rate: number, every: number): number {
  let now = 0
  const pace = createPace(rate, () => now)
  let steps = 0
  for (; now < duration; now += every) {
    for (; pace.pause() === 0; steps++) pace.step()
  }
  return steps
}
