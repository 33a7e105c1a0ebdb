import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'
import { DAY, SECOND } from '../../../ground/durations.ts'

declare global {
  namespace Express {
    interface Locals {
      /** The nonce of this answer's style sheet and script. */
      nonce?: string
    }
  }
}

/** Puts a fresh nonce for each answer into `response.locals.nonce`. */
export const nonce: RequestHandler = (_request, response, next) => {
  response.locals.nonce = newNonce()
  next()
}

/** 22 characters. Random octets are fetched for many at once: a call for each takes 1.5 µs. */
export function newNonce(): string {
  if (taken >= random.length) {
    random = randomBytes(4096)
    taken = 0
  }
  taken += NONCE
  return random.toString('base64url', taken - NONCE, taken)
}

const NONCE = 16
let random = Buffer.alloc(0)
let taken = 0

/** Headers for pages that load nothing, are not framed or cached, and tell no other site their address. */
export function securityHeaders(publicUrl: string): RequestHandler[] {
  const helmetHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: publicUrl.startsWith('https:')
      ? { maxAge: (365 * DAY) / SECOND, includeSubDomains: false }
      : false,
  })
  const notCached: RequestHandler = (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('X-Robots-Tag', 'noindex, nofollow')
    next()
  }
  return [helmetHeaders, notCached]
}

const nonceSource = (_request: unknown, response: ServerResponse): string =>
  `'nonce-${(response as Response).locals.nonce}'`

const DIRECTIVES = {
  defaultSrc: ["'none'"],
  styleSrc: [nonceSource],
  scriptSrc: [nonceSource],
  imgSrc: ['data:'],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
}
