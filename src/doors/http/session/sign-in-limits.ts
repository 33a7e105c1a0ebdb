import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { MINUTE } from '../../../ground/durations.ts'

declare global {
  namespace Express {
    interface Locals {
      /** Whether this network address has asked for too many sign-in links. */
      tooMany?: boolean
    }
  }
}

/**
 * Limits how often one network address can ask for sign-in links. Beyond the limit nothing is sent, and the answer
 * stays the same. Only our own forms count, so another site cannot use up the limit through an admin's browser. There
 * is no limit for all addresses together, because a single address could then lock everybody out. The number of mails
 * is limited per admin, where links are made.
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
