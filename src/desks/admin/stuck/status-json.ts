import type { Status } from './status.ts'

/** What `status --json` prints: everything, with times as ISO 8601. */
export const statusJson = (status: Status): unknown => withIsoTimes(status)

function withIsoTimes(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map(one => withIsoTimes(one))
  if (typeof value === 'number') return TIME.test(name) ? new Date(value).toISOString() : value
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withIsoTimes(one, key)]))
}

/** `at`, `createdAt`, `leaseUntil`. */
const TIME = /^at$|At$|Until$/
