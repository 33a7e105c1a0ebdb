import { expect, test } from 'vitest'
import { Hand } from '../../../../src/work/digest/send/hand.ts'
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
}

test('a digest is begun only while there is time to send it before somebody else may', () => {
  const hand = new Hand(LEASE)
  hand.take([digest], NOW + LEASE)
  expect(hand.begin(digest, NOW + (2 * LEASE) / 3)).toBe(false)
  expect(hand.begin(digest, NOW + (2 * LEASE) / 3 - 1)).toBe(true)
})

test('one that another process has taken over is not begun, and not given back', () => {
  const hand = new Hand(LEASE)
  hand.take([digest], NOW + LEASE)
  hand.renewed(['digest'], new Set(), NOW + 2 * LEASE)
  expect(hand.begin(digest, NOW)).toBe(false)
  expect(hand.untouched()).toEqual([])
})

test('what has been begun is neither given back nor forgotten until it ends', () => {
  const hand = new Hand(LEASE)
  hand.take([digest], NOW + LEASE)
  hand.begin(digest, NOW)
  hand.renewed(['digest'], new Set(), NOW + 2 * LEASE)
  expect([hand.untouched(), hand.ids()]).toEqual([[], ['digest']])
  hand.end(digest)
  expect(hand.ids()).toEqual([])
})
