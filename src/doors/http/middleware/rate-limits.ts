import { hash } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'
import { memo } from '../../../ground/concurrency/memo.ts'
import { MINUTE, SECOND } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type RequestCount, RequestCounts } from './request-counts.ts'

/** Limits requests per minute from one network address. */
export const perAddress = (limit: number, counts?: RequestCounts): RequestHandler =>
  perCaller(limit, request => callerAt(request.ip ?? ''), counts)

/** What counts as one network address: of IPv6 a /56, which one customer gets. */
export const callerAt = (address: string): string =>
  address.includes(':') ? callers(address, () => ipKeyGenerator(address, IPV6_SUBNET)) : address

const callers = memo<string>(1000)

const IPV6_SUBNET = 56

/** Limits requests per minute to one link. The limiter keeps a hash of it, not the link. */
export const perLink = (limit: number): RequestHandler =>
  perCaller(limit, request => hash('sha256', String(request.params.token), 'base64url'))

/** Limits requests per minute by one caller, from any address. */
export const perCaller =
  (limit: number, callerOf: (request: Request) => string, counts = new RequestCounts()): RequestHandler =>
  (request, response, next) => {
    const caller = callerOf(request)
    const count = counts.increment(caller)
    for (const [name, value] of limitHeaders(limit, caller, count)) response.appendHeader(name, value)
    next(count.totalHits > limit ? tooManyRequests() : undefined)
  }

export const tooManyRequests = (): CodedError =>
  new CodedError('TOO_MANY_REQUESTS', 'Too many requests. Wait a minute, then try again.')

/**
 * The headers of a limit (draft-ietf-httpapi-ratelimit-headers-08).
 *
 * @param caller as it is counted
 * @param isRefused whether it has to wait, although it may have more requests: others of its own wait already
 */
export function limitHeaders(
  limit: number,
  caller: string,
  { totalHits, resetTime }: RequestCount,
  isRefused = totalHits > limit,
): readonly (readonly [string, string])[] {
  const seconds = String(Math.max(0, Math.ceil((resetTime.getTime() - Date.now()) / SECOND)))
  const name = `"${limit}-in-1min"`
  return [
    ['RateLimit', `${name}; r=${Math.max(0, limit - totalHits)}; t=${seconds}`],
    ['RateLimit-Policy', `${name}; q=${limit}; w=${MINUTE / SECOND}; pk=:${partitionKey(caller)}:`],
    ...(isRefused ? [['Retry-After', seconds] as const] : []),
  ]
}

const partitionKey = (caller: string): string =>
  Buffer.from(hash('sha256', caller, 'hex').slice(0, 12)).toString('base64')
