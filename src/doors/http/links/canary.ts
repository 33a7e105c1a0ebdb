import type { Request, Response } from 'express'
import type { openCanary } from '../../../desks/reader/canary.ts'
import { type AnswerDeps, answer } from '../pages/answer.ts'

export interface CanaryRouteDeps extends AnswerDeps {
  readonly openCanary: (token: string, remoteAddress: string | null) => ReturnType<typeof openCanary>
}

/**
 * /more/TOKEN, by whatever method: the link of a digest that no human sees. It writes down that it was fetched, and
 * neither releases nor shows anything.
 */
export const showCanary = (deps: CanaryRouteDeps) => async (request: Request, response: Response) => {
  const digest = await deps.openCanary(String(request.params.token), request.ip ?? null)
  answer(deps, request, response, 200, {
    json: { status: 'nothing-here' },
    view: { page: 'canary' },
    audience: digest,
  })
}
