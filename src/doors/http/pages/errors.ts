import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'

import { CodedError, type ErrorCode, httpStatusOf } from '../../../ground/errors.ts'
import { type AnswerDeps, answer } from './answer.ts'

export const unknownPage: RequestHandler = () => {
  throw new CodedError('PAGE_UNKNOWN', 'There is no such page.')
}

/** Turns every failure into a page or JSON. The details of a server fault go to the log, not to the reader. */
export const errors =
  (deps: AnswerDeps, log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error)
    const code = codeOf(error)
    const status = httpStatusOf(code)
    if (status >= 500) log.error({ err: error, code }, 'request failed')
    const message = error instanceof CodedError && status < 500 ? error.message : undefined
    const json = message === undefined ? { status: 'failed', code } : { status: 'failed', code, message }
    try {
      const audience = response.locals.audience ?? {}
      answer(deps, request, response, status, {
        json,
        view: { page: 'error', code, link: response.locals.link, fresh: response.locals.fresh },
        audience,
      })
    } catch (broken) {
      log.error({ err: broken }, 'the error page could not be rendered')
      response.status(status).type('text/plain').send(`${code}\n`)
    }
  }

/** The code for anything that was thrown. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof CodedError) return error.code
  // Express refuses a path that is not percent-encoded UTF-8, and a body that is too large or has the wrong length.
  if (error instanceof URIError) return 'LINK_MALFORMED'
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
  return status >= 400 && status < 500 ? 'BODY_UNREADABLE' : 'INTERNAL'
}
