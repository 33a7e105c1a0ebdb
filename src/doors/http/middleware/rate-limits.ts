import { createHash } from 'node:crypto'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import { MINUTE } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'

/** Limits requests per minute from one network address (IPv6: one /56). */
export const perAddress = (limit: number): RequestHandler => rateLimit({ ...COMMON, limit })

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
    next(new CodedError('TOO_MANY_REQUESTS', 'Too many requests. Wait a minute, then try again.'))
  },
} as const

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')
