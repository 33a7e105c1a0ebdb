import { parseCookie, stringifySetCookie } from 'cookie'
import type { Request, Response } from 'express'
import { SECOND } from '../../../ground/durations.ts'
import type { SignInLimits } from '../../../ground/sign-in/limits.ts'
import type { SignInKind } from '../../../ground/state/state-tables.ts'

/**
 * `session`: SameSite=Strict. Only the sign-in link leads into the pages behind it from elsewhere, and its page needs only
 * `browser`. The form on that page is our own, so the session cookie is sent after it.
 *
 * `browser`: the secret that a sign-in link is bound to. It is Lax, so that it is sent when the link is followed from a
 * web mailer. It is kept, so that a browser in which somebody has signed in is recognised.
 *
 * `back`: the page that was requested before the sign-in.
 *
 * `provider`: what a sign-in at an OpenID provider needs once the browser comes back from there.
 */
export type CookieName = 'session' | 'browser' | 'back' | 'provider'

export interface Cookies {
  get(request: Request, name: CookieName): string | undefined
  set(response: Response, name: CookieName, value: string): void
  clear(response: Response, name: CookieName): void
}

/**
 * The cookies of those who sign in. Admins and readers have their own, so that one browser may hold both sessions. Where
 * `publicUrl` is http:, a browser may refuse Secure cookies, and so also those with the prefix `__Host-` (RFC 6265bis,
 * 4.1.3.2). Both are left out there.
 */
export function cookiesFor(publicUrl: string, kind: SignInKind, limits: SignInLimits): Cookies {
  const secure = publicUrl.startsWith('https:')
  const fullName = (name: CookieName) => `${secure ? '__Host-' : ''}${STEMS[kind]}${COOKIES[name].ending}`
  const write = (response: Response, name: CookieName, value: string, maxAge: number) => {
    const { sameSite } = COOKIES[name]
    const cookie = { name: fullName(name), value, path: '/', httpOnly: true, secure, sameSite, maxAge }
    response.append('Set-Cookie', stringifySetCookie(cookie))
  }
  return {
    get: (request, name) => parseCookie(request.headers.cookie ?? '')[fullName(name)] || undefined,
    set: (response, name, value) => write(response, name, value, limits[COOKIES[name].lifetime] / SECOND),
    clear: (response, name) => write(response, name, '', 0),
  }
}

const STEMS = { admin: 'amavis-digest', reader: 'amavis-digest-reader' } as const

const COOKIES = {
  session: { ending: '', sameSite: 'strict', lifetime: 'sessionLifetime' },
  browser: { ending: '-browser', sameSite: 'lax', lifetime: 'knownFor' },
  back: { ending: '-back', sameSite: 'lax', lifetime: 'linkLifetime' },
  provider: { ending: '-provider', sameSite: 'lax', lifetime: 'linkLifetime' },
} as const
