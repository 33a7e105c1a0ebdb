import type { Request, RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { MINUTE } from '../../../ground/durations.ts'
import type { SignInKind } from '../../../ground/state/state-tables.ts'

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
 * is limited per person, where links are made.
 *
 * @param counts whether a request asks for a link
 */
export const signInLimit = (
  kind: SignInKind,
  counts: (request: Request) => Promise<boolean>,
): RequestHandler =>
  rateLimit({
    limit: AT_ONE_ADDRESS[kind],
    skip: async request => !(await counts(request)),
    windowMs: 15 * MINUTE,
    standardHeaders: false,
    legacyHeaders: false,
    validate: false,
    handler: (_request, response, next) => {
      response.locals.tooMany = true
      next()
    },
  })

/** Links in a quarter of an hour. A whole office of readers may share one address. */
const AT_ONE_ADDRESS = { admin: 10, reader: 60 } as const satisfies Record<SignInKind, number>
