import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
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

/** The headers of an answer with this nonce, as names and values in turns. */
export type SecurityHeaders = (nonce: string) => string[]

/** Headers for pages that load nothing, are not framed or cached, and tell no other site their address. */
export function securityHeaders(publicUrl: string): SecurityHeaders {
  const headers = [...headersOf(helmetFor(publicUrl)), ...NOT_CACHED].flat()
  return nonce => headers.map(text => text.replaceAll(PLACE, nonce))
}

/** Sets them, and puts the fresh nonce of each answer into `response.locals.nonce`. */
export const secured =
  (headersWith: SecurityHeaders): RequestHandler =>
  (_request, response, next) => {
    const nonce = newNonce()
    response.locals.nonce = nonce
    const headers = headersWith(nonce)
    for (let at = 0; at < headers.length; at += 2)
      response.setHeader(headers[at] ?? '', headers[at + 1] ?? '')
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

const helmetFor = (publicUrl: string) =>
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: publicUrl.startsWith('https:')
      ? { maxAge: (365 * DAY) / SECOND, includeSubDomains: false }
      : false,
  })

/** What it sets is the same for each answer, but for the nonce: to have it set anew would take 30 µs. */
function headersOf(handler: ReturnType<typeof helmetFor>): Map<string, string> {
  const headers = new Map<string, string>()
  const response = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  }
  handler({} as Request, response as unknown as Response, () => undefined)
  return headers
}

const NOT_CACHED = [
  ['Cache-Control', 'no-store'],
  ['X-Robots-Tag', 'noindex, nofollow'],
] as const

/** Stands for the nonce. */
const PLACE = '_nonce_of_this_answer_'

const nonceSource = `'nonce-${PLACE}'`

const DIRECTIVES = {
  defaultSrc: ["'none'"],
  styleSrc: [nonceSource],
  scriptSrc: [nonceSource],
  imgSrc: ['data:'],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
}
