import { expect, test } from 'vitest'
import type { OldMessage, OldRecipient } from '../../../src/ground/amavis/purge/old-messages.ts'
import { retentionOf } from '../../../src/ground/amavis/retention.ts'
import { DAY, HOUR, SECOND } from '../../../src/ground/durations.ts'
import { expiryOf, shortestSpan, type Terms } from '../../../src/work/purge/expiry.ts'

const TERMS: Terms = {
  retention: retentionOf(30 * DAY, { virus: 7 * DAY, banned: 60 * DAY }),
  released: 2 * DAY,
  deleted: DAY,
}

const CAME_AT = 1_700_000_000 * SECOND

const message = (...recipients: readonly Partial<OldRecipient>[]): OldMessage => ({
  partitionTag: 0,
  mailId: 'mail',
  timeNum: CAME_AT / SECOND,
  kind: 'spam',
  stored: 0,
  recipients: recipients.map((recipient, index) => ({ rseqnum: index, kind: 'spam', rs: '', ...recipient })),
})

const keptFor = (kept: OldMessage): number => expiryOf(kept, TERMS) - CAME_AT

test('a message is kept for the time of its kind, which may be longer or shorter than that of others', () => {
  expect(keptFor(message({ kind: 'spam' }))).toBe(30 * DAY)
  expect(keptFor(message({ kind: 'virus' }))).toBe(7 * DAY)
  expect(keptFor(message({ kind: 'banned' }))).toBe(60 * DAY)
})

test('it is kept for the recipient who needs it for longest', () => {
  expect(keptFor(message({ kind: 'virus' }, { kind: 'spam' }))).toBe(30 * DAY)
  expect(keptFor(message({ rs: 'R' }, { rs: '' }))).toBe(30 * DAY)
})

test('what was released or marked for deletion by all its recipients goes sooner, and never later', () => {
  expect(keptFor(message({ rs: 'R' }, { rs: 'D' }))).toBe(2 * DAY)
  expect(keptFor(message({ rs: 'D' }))).toBe(DAY)
  const slow = { ...TERMS, released: 90 * DAY }
  expect(expiryOf(message({ rs: 'R' }), slow) - CAME_AT).toBe(30 * DAY)
})

test('what a reader has asked an admin for is kept until the admin has decided', () => {
  expect(keptFor(message({ rs: 'p' }, { rs: 'D' }))).toBe(Number.POSITIVE_INFINITY)
})

test('what amavisd did not finish is kept for an hour', () => {
  expect(keptFor({ ...message(), kind: undefined })).toBe(HOUR)
})

test('a message without recipients is kept for the time of its own kind', () => {
  expect(keptFor(message())).toBe(30 * DAY)
})

test('no message is looked at that is younger than the shortest of all times', () => {
  expect(shortestSpan(TERMS)).toBe(DAY)
  expect(shortestSpan({ ...TERMS, released: undefined, deleted: undefined })).toBe(7 * DAY)
})
