import type { ErrorRequestHandler } from 'express'
import type { Logger } from 'pino'
import { CodedError, httpStatusOf } from '../../../../ground/errors.ts'
import { codeOf } from '../../pages/errors.ts'
import { SECTIONS } from './admin-pages.ts'
import { adminProblemOf } from './admin-problems.ts'
import { show, type VisitDeps } from './visit.ts'

/** Shows failures as admin pages. The page repeats the error's own message, except for a 5xx, which goes to the log. */
export const adminErrors =
  (deps: VisitDeps, log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error)
    const code = codeOf(error)
    const status = httpStatusOf(code)
    if (status >= 500) log.error({ err: error, code }, 'request failed')
    const detail = error instanceof CodedError && status < 500 ? error.message : undefined
    const [, firstSegment] = /\/admin\/([a-z]+)/.exec(request.originalUrl) ?? []
    const section = [...SECTIONS, 'as' as const].find(name => name === firstSegment)
    const mayAskForLink = code === 'NOT_SIGNED_IN' || code === 'SIGN_IN_FAILED' || code === 'FORM_STALE'
    show(
      deps,
      request,
      response,
      {
        page: 'error',
        section,
        model: ({ words, url }) => ({
          code,
          problem: adminProblemOf(code, words),
          detail: mayAskForLink ? undefined : detail,
          backUrl: section && !mayAskForLink ? url(`/admin/${section}`) : undefined,
          back: section && words.say(`admin.nav.${section}`),
          signInUrl: mayAskForLink ? url('/admin/sign-in') : undefined,
        }),
      },
      status,
    )
  }
