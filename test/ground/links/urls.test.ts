import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { retentionOf } from '../../../src/ground/amavis/retention.ts'
import { DAY } from '../../../src/ground/durations.ts'
import { signedClaims } from '../../../src/ground/links/signature.ts'
import { bindingOf, linkOf, type Purpose } from '../../../src/ground/links/token.ts'
import { createUrls, longestLifetime } from '../../../src/ground/links/urls.ts'
import { NOW } from '../../embedded/clock.ts'

const key = { id: 'k', key: createSecretKey(randomBytes(32)) }
const keys = { current: () => key }
const settings = {
  publicUrl: 'https://example.com/mail',
  lifetime: 14 * DAY,
  retention: retentionOf(30 * DAY),
}
const item = {
  itemId: 'item',
  recipient: 'Alice@example.com',
  reader: 'alice@example.com',
  mailAt: NOW - DAY,
  kind: 'spam' as const,
}
const digest = { digestId: 'digest', reader: 'alice@example.com', createdAt: NOW }

const open = (url: string, purpose: Purpose) =>
  linkOf(
    signedClaims(url.slice(url.lastIndexOf('/') + 1), id => (id === key.id ? key : undefined)),
    purpose,
    NOW,
  )

test('a link to release is a path without a query, below the public URL', () => {
  const { url } = createUrls(settings, keys).release(item, NOW, NOW)
  expect(url).toMatch(/^https:\/\/example\.com\/mail\/release\/[\w.-]+$/)
  expect(open(url, 'release')).toMatchObject({
    subject: 'item',
    binding: bindingOf('Alice@example.com', 'alice@example.com'),
  })
})

test('it works until its lifetime ends, or until the quarantine no longer holds the message', () => {
  const until = (fields: Partial<typeof settings>) => {
    const link = createUrls({ ...settings, ...fields }, keys).release(item, NOW, NOW)
    expect(open(link.url, 'release').expiresAt).toBe(link.releasableUntil)
    return link.releasableUntil
  }
  expect(until({})).toBe(NOW + 14 * DAY)
  expect(until({ retention: retentionOf(10 * DAY) })).toBe(NOW + 9 * DAY)
  expect(until({ retention: retentionOf(30 * DAY, { spam: 5 * DAY, virus: DAY }) })).toBe(NOW + 4 * DAY)
})

test('the link to the settings works longer than the others, because unsubscribing must', () => {
  const links = createUrls(settings, keys).ofDigest(digest, NOW)
  expect(open(links.digest, 'digest')).toMatchObject({ subject: 'digest', expiresAt: NOW + 14 * DAY })
  expect(open(links.preferences, 'preferences').expiresAt).toBe(NOW + 60 * DAY)
  expect(longestLifetime(14 * DAY)).toBe(60 * DAY)
  expect(longestLifetime(90 * DAY)).toBe(90 * DAY)
})
