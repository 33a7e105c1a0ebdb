import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'
import type { ApiDeps } from './api-router.ts'

/** The routes of the API. They are loaded when somebody asks for one: their schemas take 6 MB. */
export function apiOnFirstUse(deps: ApiDeps): RequestHandler {
  let router: RequestHandler | undefined
  return async (request, response, next) => {
    if (!request.path.startsWith('/api/')) return next()
    if (!router) {
      const { apiRouter } = await import('./api-router.ts')
      // Only the first of two requests that came together makes one: it counts the calls of each key.
      router ??= apiRouter(deps)
    }
    router(request, response, next)
  }
}

/** As `problems`, which is loaded at the first failure. */
export const problemsOnFirstUse =
  (log: Logger): ErrorRequestHandler =>
  async (error, request, response, next) => {
    const { problems } = await import('./protocol/problem.ts')
    problems(log)(error, request, response, next)
  }
