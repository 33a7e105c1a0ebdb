import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { MINUTE } from '../../../../ground/durations.ts'

declare global {
  namespace Express {
    interface Locals {
      /** Whether this network address has asked for too many sign-in links. */
      tooMany?: boolean
    }
  }
}

/**
 * Bounds how often one network address asks for sign-in links. Beyond that nothing is sent, and the answer stays the
 * same. Only forms of ours are counted: what another site makes an admin's browser send uses nothing up. There is no
 * bound for all addresses together, by which one of them could keep everybody out; how many mails go out is bounded for
 * each admin, where links are made.
 */
export const signInLimit = (): RequestHandler =>
  rateLimit({
    limit: 10,
    windowMs: 15 * MINUTE,
    standardHeaders: false,
    legacyHeaders: false,
    validate: false,
    handler: (_request, response, next) => {
      response.locals.tooMany = true
      next()
    },
  })
