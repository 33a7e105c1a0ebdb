import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/ground/durations.ts'
import type { ReleaseRow } from '../../../src/work/release/claims.ts'
import { whenSettled } from '../../../src/work/release/settled.ts'
import { NOW } from '../../embedded/clock.ts'

const row: ReleaseRow = {
  heldId: 'item',
  askedItem: 'item',
  state: 'releasing',
  claimId: 'claim',
  requestedBy: 'alice@example.com',
  askedBy: 'alice@example.com',
  requestedAt: NOW,
  leaseUntil: NOW + MINUTE,
  attempts: 1,
  nextAttemptAt: null,
  finishedAt: null,
  code: null,
  reply: null,
}

/** A clock that advances by ten seconds at each look. */
function looks(...rows: (ReleaseRow | undefined)[]) {
  let now = NOW
  let looked = 0
  const look = async () => {
    now += 10_000
    looked += 1
    return rows[Math.min(looked, rows.length) - 1]
  }
  return { look, clock: () => now, looked: () => looked }
}

test('a release that nobody has asked for, or that has ended, is returned at once', async () => {
  for (const ended of [undefined, { ...row, state: 'released' } as const]) {
    const { look, clock, looked } = looks(ended)
    expect(await whenSettled(look, clock)).toBe(ended)
    expect(looked()).toBe(1)
  }
})

test('a simultaneous request waits for the answer', async () => {
  const ended = { ...row, state: 'released' } as const
  const { look, clock } = looks(row, ended)
  expect(await whenSettled(look, clock)).toBe(ended)
})

test('a stop ends the wait', async () => {
  const { look, clock } = looks(row)
  expect(await whenSettled(look, clock, { stop: AbortSignal.abort() })).toBe(row)
})

test('a dead process is not waited for, and a slow one no longer than a person would', async () => {
  const dead = looks({ ...row, leaseUntil: NOW + 10_000 })
  expect(await whenSettled(dead.look, dead.clock)).toMatchObject({ state: 'releasing' })
  expect(dead.looked()).toBe(1)
  const slow = looks(row)
  const clockOf = { elapsed: slow.clock }
  expect(await whenSettled(slow.look, slow.clock, clockOf)).toBe(row)
  expect(slow.looked()).toBe(4)
})
