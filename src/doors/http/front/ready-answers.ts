import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Express } from 'express'
import { memo } from '../../../ground/concurrency/memo.ts'
import { type CodedError, type ErrorCode, httpStatusOf } from '../../../ground/errors.ts'
import { newNonce, type SecurityHeaders, securityHeaders } from '../middleware/security-headers.ts'
import type { AnswerDeps } from '../pages/answer.ts'

/** Answers that strangers can ask for as often as they like: each is rendered once, and then only copied. */
export interface ReadyAnswers {
  /**
   * The page of an error, or its JSON, as the framework would answer this request.
   *
   * @returns undefined where it cannot be rendered: an admin may have changed its template
   */
  find(request: IncomingMessage, error: CodedError): ReadyAnswer | undefined
}

export interface ReadyAnswer {
  /** @param more headers of this answer alone */
  send(response: ServerResponse, more: readonly (readonly [string, string])[]): void
}

export interface ReadyAnswersDeps extends AnswerDeps {
  readonly publicUrl: string
}

/** @param app whose reading of `Accept` and `Accept-Language` counts */
export function readyAnswers(deps: ReadyAnswersDeps, app: Express): ReadyAnswers {
  const secured = securityHeaders(deps.publicUrl)
  const kept = memo<ReadyAnswer | undefined>(MOST_KEPT)
  return {
    find(request, error) {
      const { accept = '', 'accept-language': languages = '' } = request.headers
      const key = `${error.code}\n${request.method}\n${accept}\n${languages}`
      return kept(key, () => prepare(deps, app, request, { error, secured }))
    },
  }
}

/** About 2 MB of pages. A stranger who sends other headers each time has each page rendered: 50 µs. */
const MOST_KEPT = 100

function prepare(
  deps: ReadyAnswersDeps,
  app: Express,
  request: IncomingMessage,
  { error, secured }: { readonly error: CodedError; readonly secured: SecurityHeaders },
): ReadyAnswer | undefined {
  const accepts: (types: string[]) => string | false = app.request.accepts
  const isJson = accepts.call(request, ['html', 'json']) === 'json'
  const text = isJson ? jsonOf(error) : pageOf(deps, app, request, error.code)
  if (text === undefined) return undefined
  const body = Buffer.from(text)
  const vary = isJson ? 'Accept' : 'Accept, Accept-Language'
  const type = isJson ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8'
  const own = ['Vary', vary, 'Content-Type', type, 'Content-Length', String(body.length)]
  const nonceAt = placesOf(body)
  const status = httpStatusOf(error.code)
  const isHead = request.method === 'HEAD'
  return {
    send(response, more) {
      const nonce = newNonce()
      response.writeHead(status, [...secured(nonce), ...own, ...more.flat()])
      response.end(isHead ? undefined : bodyWith(body, nonceAt, nonce))
    },
  }
}

const jsonOf = ({ code, message }: CodedError): string => JSON.stringify({ status: 'failed', code, message })

function pageOf(
  deps: ReadyAnswersDeps,
  app: Express,
  request: IncomingMessage,
  code: ErrorCode,
): string | undefined {
  const acceptsLanguages: () => string[] = app.request.acceptsLanguages
  const languages = [...acceptsLanguages.call(request), deps.standardLanguage]
  const { contact } = deps
  try {
    return deps.pages.render(
      { page: 'error', code },
      { languages, timeZone: 'UTC', now: deps.clock(), nonce: PLACE, contact },
    )
  } catch {
    // The framework answers, and logs why.
    return undefined
  }
}

/** Stands for the nonce, and is as long. */
const PLACE = '_nonce_of_this_answer_'

function placesOf(body: Buffer): number[] {
  const places: number[] = []
  for (let at = body.indexOf(PLACE); at >= 0; at = body.indexOf(PLACE, at + 1)) places.push(at)
  return places
}

function bodyWith(body: Buffer, nonceAt: readonly number[], nonce: string): Buffer {
  const copy = Buffer.allocUnsafe(body.length)
  body.copy(copy)
  for (const at of nonceAt) copy.write(nonce, at, 'latin1')
  return copy
}
