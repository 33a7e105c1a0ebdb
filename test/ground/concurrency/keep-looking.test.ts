import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepLooking } from '../../../src/ground/concurrency/keep-looking.ts'
import { MINUTE, SECOND } from '../../../src/ground/durations.ts'

const PAUSES = { busy: 2 * SECOND, idle: 6 * SECOND }

let now = 0
let pauses: number[] = []
let stop = new AbortController()

beforeEach(() => {
  now = 0
  pauses = []
  stop = new AbortController()
})

afterEach(() => stop.abort())

/** A loop whose waits take no real time: the clock is put forward by each of them. */
function startLooking(look = async () => false) {
  const wait = async (span: number) => {
    pauses.push(span)
    now += span
    if (pauses.length >= MOST_LOOKS) stop.abort()
  }
  return keepLooking(look, PAUSES, stop.signal, () => {}, { clock: () => now, wait })
}

const MOST_LOOKS = 100

test('a loop that finds nothing looks as often as a busy one for a minute, and then less often', async () => {
  await startLooking().ended
  const busy = MINUTE / PAUSES.busy
  expect(pauses.slice(0, busy)).toEqual(Array(busy).fill(PAUSES.busy))
  expect(new Set(pauses.slice(busy))).toEqual(new Set([PAUSES.idle]))
})

test('what is found makes it look often again, for a minute', async () => {
  const at = 2 * MINUTE
  const looks = timesOf(async () => now === at)
  await startLooking(looks.look).ended
  expect(looks.pauseAfter(at - PAUSES.idle)).toBe(PAUSES.idle)
  expectBusyFrom(at, looks.pauseAfter)
})

test('whoever wakes it makes it look often again, for a minute', async () => {
  const at = 2 * MINUTE
  const looks = timesOf(async () => {
    if (now === at) loop.wake()
    return false
  })
  const loop = startLooking(looks.look)
  await loop.ended
  expectBusyFrom(at, looks.pauseAfter)
})

/** Notes when each look was. */
function timesOf(look: () => Promise<boolean>) {
  const times: number[] = []
  return {
    look: () => {
      times.push(now)
      return look()
    },
    pauseAfter: (at: number) => pauses[times.indexOf(at)],
  }
}

function expectBusyFrom(at: number, pauseAfter: (at: number) => number | undefined): void {
  expect(pauseAfter(at)).toBe(PAUSES.busy)
  expect(pauseAfter(at + MINUTE - PAUSES.busy)).toBe(PAUSES.busy)
  expect(pauseAfter(at + MINUTE)).toBe(PAUSES.idle)
}
