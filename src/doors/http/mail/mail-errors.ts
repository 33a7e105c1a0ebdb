import type { ErrorRequestHandler } from 'express'
import type { Logger } from 'pino'
import { httpStatusOf } from '../../../ground/errors.ts'
import { codeOf } from '../pages/errors.ts'
import { problemOf } from '../pages/page-problems.ts'
import { type MailVisitDeps, show } from './mail-visit.ts'

/** Shows failures as pages of the readers' frame. The details of a server fault go to the log, not to the reader. */
export const mailErrors =
  (deps: MailVisitDeps, log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error)
    const code = codeOf(error)
    const status = httpStatusOf(code)
    if (status >= 500) log.error({ err: error, code }, 'request failed')
    const isSignedIn = response.locals.readerSession !== undefined
    const mustSignIn = code === 'NOT_SIGNED_IN' || code === 'SIGN_IN_FAILED' || !isSignedIn
    show(
      deps,
      request,
      response,
      {
        page: 'reader/error',
        model: ({ words, url }) => ({
          code,
          problem: problemOf(code, words),
          goOnUrl: url(mustSignIn ? '/' : '/mail'),
          goOn: words.say(mustSignIn ? 'admin.signIn.title' : 'reader.nav.held'),
        }),
      },
      status,
    )
  }
