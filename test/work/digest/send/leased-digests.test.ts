import { expect, test } from 'vitest'
import { LeasedDigests } from '../../../../src/work/digest/send/leased-digests.ts'
import type { LeasedDigest } from '../../../../src/work/digest/send/outbox.ts'
import { NOW } from '../../../embedded/clock.ts'

const LEASE = 30_000

const digest: LeasedDigest = {
  digestId: 'digest',
  reader: 'alice@example.com',
  deliverTo: 'alice@example.com',
  language: 'en',
  timeZone: 'UTC',
  createdAt: NOW,
  attempts: 0,
  itemCount: 1,
  resent: 0,
  sendAt: NOW,
  sendAnyway: null,
  copyOf: undefined,
}

test('a digest is begun only while there is time to send it before another process may', () => {
  const leased = new LeasedDigests(LEASE)
  leased.add([digest], NOW + LEASE)
  expect(leased.begin(digest, NOW + (2 * LEASE) / 3)).toBe(false)
  expect(leased.begin(digest, NOW + (2 * LEASE) / 3 - 1)).toBe(true)
})

test('a digest that another process has taken over is neither begun nor given back', () => {
  const leased = new LeasedDigests(LEASE)
  leased.add([digest], NOW + LEASE)
  leased.recordRenewal(['digest'], new Set(), NOW + 2 * LEASE)
  expect(leased.begin(digest, NOW)).toBe(false)
  expect(leased.notBegun()).toEqual([])
})

test('a digest that has been begun is neither given back nor forgotten until it ends', () => {
  const leased = new LeasedDigests(LEASE)
  leased.add([digest], NOW + LEASE)
  leased.begin(digest, NOW)
  leased.recordRenewal(['digest'], new Set(), NOW + 2 * LEASE)
  expect([leased.notBegun(), leased.ids()]).toEqual([[], ['digest']])
  leased.end(digest)
  expect(leased.ids()).toEqual([])
})
