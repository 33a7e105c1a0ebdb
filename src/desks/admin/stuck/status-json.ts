import type { Status } from './status.ts'

/** What `status --json` prints: everything, with times as ISO 8601. */
export const statusJson = (status: Status): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(status).map(([key, item]) => [key, withIsoTimes(item, key)]))

function withIsoTimes(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map(item => withIsoTimes(item))
  if (typeof value === 'number') return TIME.test(name) ? new Date(value).toISOString() : value
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withIsoTimes(item, key)]))
}

/** Names of times, such as `at`, `createdAt` and `leaseUntil`. */
const TIME = /^at$|At$|Until$/
