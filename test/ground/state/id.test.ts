import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOwnMessageId, messageIdOf } from '../../../src/ground/mail/message-id.ts'
import { newId, timeOfId } from '../../../src/ground/state/id.ts'

test('ids have the same length, sort by the time they were made, and are unique', () => {
  const time = fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 })
  fc.assert(
    fc.property(time, fc.integer({ min: 1, max: 1e12 }), (now, later) => {
      const [first, second] = [newId(now), newId(now + later)]
      expect(first).toMatch(/^[0-9a-v]{25}$/)
      expect(first < second).toBe(true)
      expect(timeOfId(first)).toBe(now)
    }),
  )
  const many = Array.from({ length: 10_000 }, () => newId(1_773_205_200_000))
  expect(new Set(many).size).toBe(many.length)
})

test('our digests are recognised by their Message-ID, and similar Message-IDs are not', () => {
  const own = messageIdOf(newId(1_773_205_200_000), 'example.com')
  expect(own).toMatch(/^<amavis-digest\.[0-9a-v]{25}@example\.com>$/)
  expect(isOwnMessageId(own, 'Example.com')).toBe(true)
  expect(isOwnMessageId(` ${own.slice(1, -1)}`, 'example.com')).toBe(true)
  expect(isOwnMessageId(own, 'example.org')).toBe(false)
  for (const other of ['', '<1@example.com>', own.replace('digest.', 'digest-'), `<x${own}>`]) {
    expect(isOwnMessageId(other, 'example.com')).toBe(false)
  }
})
