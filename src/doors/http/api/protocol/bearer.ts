import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { ApiKey } from '../../../../desks/admin/api-keys/api-keys.ts'
import { mayWith } from '../../../../desks/admin/api-keys/api-scopes.ts'
import { viewerOfKey } from '../../../../desks/admin/api-keys/key-viewer.ts'
import type { Refusals } from '../../../../ground/audit/refusals.ts'
import { CodedError } from '../../../../ground/errors.ts'
import type { Editor } from '../../../../rules/reach/reach.ts'
import type { AdminViewer } from '../../../../rules/reach/viewer.ts'
import { perAddress, perCaller } from '../../middleware/rate-limits.ts'
import type { Operation } from './operation.ts'

export interface BearerDeps {
  /** Finds the key of this text. Undefined: there is no such key, or it was revoked. */
  readonly findApiKey: (text: string) => Promise<ApiKey | undefined>
  /** How many requests one key may make in a minute. */
  readonly perKey: number
  readonly refusals: Pick<Refusals, 'add'>
}

/**
 * Lets requests with a key through (RFC 6750), up to the key's rate limit. Nothing else opens the API, not even a
 * session cookie.
 */
export function bearer(deps: BearerDeps): RequestHandler[] {
  const limitWrongKeys = perAddress(MOST_WRONG_KEYS)
  const identify = async (request: Request, response: Response, next: NextFunction) => {
    const key = await keyOf(deps, request)
    if (key) {
      callers.set(request, key)
      return next()
    }
    limitWrongKeys(request, response, (refused?: unknown) => {
      if (refused) return next(refused)
      const isGiven = request.headers.authorization !== undefined
      if (isGiven) {
        const remoteAddress = request.ip ?? null
        deps.refusals.add({ what: 'api-key', outcome: 'API_KEY_INVALID', remoteAddress })
      }
      response.set('WWW-Authenticate', challenge(isGiven))
      next(new CodedError('API_KEY_INVALID', NO_KEY))
    })
  }
  return [identify, perCaller(deps.perKey, request => callerOf(request).id)]
}

/** Per minute and network address. Requests with a valid key do not count. */
const MOST_WRONG_KEYS = 30

/** Refuses a key that was not made for what the operation does (RFC 6750, 3.1). */
export const requireScope =
  ({ scope, orScope }: Pick<Operation, 'scope' | 'orScope'>): RequestHandler =>
  (request, response, next) => {
    const { scopes } = callerOf(request)
    if (mayWith(scopes, scope) || (orScope && mayWith(scopes, orScope))) return next()
    response.set('WWW-Authenticate', `${REALM}, error="insufficient_scope", scope="${scope}"`)
    throw new CodedError('API_SCOPE_MISSING', `This key may not do that. Create one with --scope ${scope}.`)
  }

/** Returns the caller in the form that the use-cases and the audit take. */
export function editorOf(request: Request): Editor {
  const { actor, reach } = viewerOf(request)
  return { actor, reach }
}

/** Returns the caller in the form that the quarantine's use-cases take: an admin of the key's domains. */
export const viewerOf = (request: Request): AdminViewer => viewerOfKey(callerOf(request), request.ip ?? null)

const callers = new WeakMap<Request, ApiKey>()

function callerOf(request: Request): ApiKey {
  const key = callers.get(request)
  if (!key) throw new TypeError('bearer() has not run for this request')
  return key
}

async function keyOf({ findApiKey }: BearerDeps, request: Request): Promise<ApiKey | undefined> {
  const text = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return text === undefined ? undefined : findApiKey(text)
}

const REALM = 'Bearer realm="amavis-digest"'

const challenge = (isGiven: boolean): string => (isGiven ? `${REALM}, error="invalid_token"` : REALM)

const NO_KEY =
  'Send a key that "amavis-digest keys api create" has made and nobody has revoked: "Authorization: Bearer adk_…".'
