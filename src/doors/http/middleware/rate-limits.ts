import { createHash } from 'node:crypto'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import { memo } from '../../../ground/concurrency/memo.ts'
import { MINUTE, SECOND } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type RequestCount, RequestCounts } from './request-counts.ts'

/** Limits requests per minute from one network address. */
export const perAddress = (limit: number, store = new RequestCounts()): RequestHandler =>
  rateLimit({ ...COMMON, limit, store, keyGenerator: (request: Request) => callerAt(request.ip ?? '') })

/** What counts as one network address: of IPv6 a /56, which one customer gets. */
export const callerAt = (address: string): string =>
  address.includes(':') ? callers(address, () => ipKeyGenerator(address, IPV6_SUBNET)) : address

const callers = memo<string>(1000)

const IPV6_SUBNET = 56

/** Limits requests per minute to one link. The limiter keeps a hash of it, not the link. */
export const perLink = (limit: number): RequestHandler =>
  rateLimit({ ...COMMON, limit, keyGenerator: (request: Request) => hashOf(String(request.params.token)) })

/** Limits requests per minute by one caller, from any address. */
export const perCaller = (limit: number, callerOf: (request: Request) => string): RequestHandler =>
  rateLimit({ ...COMMON, limit, keyGenerator: callerOf })

const COMMON = {
  windowMs: MINUTE,
  standardHeaders: 'draft-8',
  legacyHeaders: false,
  // The library would print its own advice on proxies as an error with a stack; see proxy-warning.ts.
  validate: false,
  handler: (_request: Request, _response: Response, next: NextFunction) => {
    next(tooManyRequests())
  },
} as const

export const tooManyRequests = (): CodedError =>
  new CodedError('TOO_MANY_REQUESTS', 'Too many requests. Wait a minute, then try again.')

/**
 * The headers of a limit, as the limits within the framework set them (draft-ietf-httpapi-ratelimit-headers-08).
 *
 * @param caller as it is counted
 */
export function limitHeaders(
  limit: number,
  caller: string,
  { totalHits, resetTime }: RequestCount,
): readonly (readonly [string, string])[] {
  const seconds = String(Math.max(0, Math.ceil((resetTime.getTime() - Date.now()) / SECOND)))
  const name = `"${limit}-in-1min"`
  return [
    ['RateLimit', `${name}; r=${Math.max(0, limit - totalHits)}; t=${seconds}`],
    ['RateLimit-Policy', `${name}; q=${limit}; w=${MINUTE / SECOND}; pk=:${partitionKey(caller)}:`],
    ...(totalHits > limit ? [['Retry-After', seconds] as const] : []),
  ]
}

const partitionKeys = memo<string>(1000)

const partitionKey = (caller: string): string =>
  partitionKeys(caller, () =>
    Buffer.from(createHash('sha256').update(caller).digest('hex').slice(0, 12)).toString('base64'),
  )

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')
