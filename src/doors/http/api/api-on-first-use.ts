import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'
import { once } from '../../../ground/concurrency/once.ts'
import type { ApiDeps } from './api-router.ts'

/** The routes of the API. They are loaded when somebody asks for one: their schemas take 6 MB. */
export function apiOnFirstUse(deps: ApiDeps): RequestHandler {
  const router = once(async () => (await import('./api-router.ts')).apiRouter(deps))
  return async (request, response, next) => {
    if (!request.path.startsWith('/api/')) return next()
    const answer = await router()
    answer(request, response, next)
  }
}

/** As `problems`, which is loaded at the first failure. */
export const problemsOnFirstUse =
  (log: Logger): ErrorRequestHandler =>
  async (error, request, response, next) => {
    const { problems } = await import('./protocol/problem.ts')
    problems(log)(error, request, response, next)
  }
