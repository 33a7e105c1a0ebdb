import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'

/**
 * Bounds how often sign-in links are asked for: by one network address, and by all together. Beyond that nothing is sent,
 * and the answer stays the same. What one admin gets is bounded besides, by the links that wait.
 */
export const signInLimits = (): RequestHandler[] => [
  quietly({ limit: 10, windowMs: 15 * MINUTE }),
  quietly({ limit: 60, windowMs: MINUTE, keyGenerator: () => 'all' }),
]

/** Milliseconds. */
const MINUTE = 60_000

const quietly = (options: Parameters<typeof rateLimit>[0]): RequestHandler =>
  rateLimit({
    ...options,
    standardHeaders: false,
    legacyHeaders: false,
    validate: false,
    handler: (_request, response, next) => {
      response.locals.tooMany = true
      next()
    },
  })
