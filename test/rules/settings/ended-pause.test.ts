import { expect, test } from 'vitest'
import { unlessEnded } from '../../../src/rules/settings/ended-pause.ts'
import { FOREVER, NOT_PAUSED } from '../../../src/rules/settings/setting-fields.ts'
import { NOW } from '../../embedded/clock.ts'

test.each([
  [NOW - 1, null],
  [NOW, null],
  [-1, null],
  [NOW + 1, NOW + 1],
  [FOREVER, FOREVER],
  [NOT_PAUSED, NOT_PAUSED],
  [null, null],
])('of a pause until %j, %j is left', (pausedUntil, left) => {
  expect(unlessEnded(pausedUntil, NOW)).toBe(left)
})
