import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/ground/durations.ts'
import {
  type Attempter,
  type CountedAttempts,
  mayNotTry,
} from '../../../src/ground/sign-in/attempt-limits.ts'

const NOW = Date.UTC(2026, 2, 11, 6)

const STRANGER: Attempter = {
  nameHash: 'alice',
  browserHash: 'theirs',
  network: '192.0.2.0/24',
  isKnownBrowser: false,
  isKnownNetwork: false,
}
const OWNER: Attempter = { ...STRANGER, browserHash: 'own', isKnownBrowser: true }

const isRefused = (who: Attempter, counted: Partial<CountedAttempts>): boolean =>
  mayNotTry({ ofName: [], ofNetwork: 0, ofAll: 0, ...counted }, who, NOW)

/** Failures by the name, a minute apart, the newest some time ago. */
const failures = (count: number, ago = 0, change: Partial<Attempter> = {}) =>
  Array.from({ length: count }, (_, index) => ({ ...STRANGER, at: NOW - ago - index * 1000, ...change }))

test('a stranger may fail five times, and then waits twice as long each time, an hour at most', () => {
  expect(isRefused(STRANGER, { ofName: failures(4) })).toBe(false)
  expect(isRefused(STRANGER, { ofName: failures(5) })).toBe(true)
  expect(isRefused(STRANGER, { ofName: failures(5, MINUTE) })).toBe(false)
  expect(isRefused(STRANGER, { ofName: failures(7, 3 * MINUTE) })).toBe(true)
  expect(isRefused(STRANGER, { ofName: failures(7, 4 * MINUTE) })).toBe(false)
  expect(isRefused(STRANGER, { ofName: failures(19, HOUR) })).toBe(false)
})

test('strangers lock nobody out: not where the person has signed in before, and not in other networks', () => {
  const attack = { ofName: failures(40), ofNetwork: 400 }
  expect(isRefused(STRANGER, attack)).toBe(true)
  expect(isRefused(OWNER, attack)).toBe(false)
  const elsewhere = { ...STRANGER, network: '198.51.100.0/24' }
  expect(isRefused(elsewhere, { ofName: failures(19) })).toBe(false)
  expect(isRefused({ ...elsewhere, isKnownNetwork: true }, { ofName: failures(40) })).toBe(false)
})

test('many networks together get no more than twenty guesses an hour at one name', () => {
  const elsewhere = { ...STRANGER, network: '198.51.100.0/24' }
  expect(isRefused(elsewhere, { ofName: failures(20) })).toBe(true)
  expect(isRefused(elsewhere, { ofName: failures(20, HOUR) })).toBe(false)
})

test('one network gets no more than thirty guesses in a quarter of an hour, whoever it tries', () => {
  expect(isRefused(STRANGER, { ofNetwork: 29 })).toBe(false)
  expect(isRefused(STRANGER, { ofNetwork: 30 })).toBe(true)
  expect(isRefused(OWNER, { ofNetwork: 30 })).toBe(false)
})

test('a known browser is limited, too, by its own failures', () => {
  const own = { browserHash: 'own' }
  expect(isRefused(OWNER, { ofName: failures(9, 0, own) })).toBe(false)
  expect(isRefused(OWNER, { ofName: failures(10, 0, own) })).toBe(true)
  expect(isRefused(OWNER, { ofName: failures(10, 16 * MINUTE, own) })).toBe(false)
})

test('the server sees a bounded number of failures a minute, some of which strangers cannot use up', () => {
  expect(isRefused(STRANGER, { ofAll: 19 })).toBe(false)
  expect(isRefused(STRANGER, { ofAll: 20 })).toBe(true)
  expect(isRefused(OWNER, { ofAll: 29 })).toBe(false)
  expect(isRefused(OWNER, { ofAll: 30 })).toBe(true)
})
