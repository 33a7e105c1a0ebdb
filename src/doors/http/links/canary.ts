import type { Request, Response } from 'express'
import { answer } from '../pages/answer.ts'
import type { LinkDeps } from './link-deps.ts'

/**
 * /more/TOKEN, by any method: the link of a digest that no human sees. It records that the link was fetched, and
 * neither releases nor shows anything.
 */
export const showCanary = (deps: LinkDeps) => async (request: Request, response: Response) => {
  const { subject: digest } = await deps.visits.open('canary', String(request.params.token))
  await deps.visits.noteMachine(digest, request.ip ?? null)
  answer(deps, request, response, 200, {
    json: { status: 'nothing-here' },
    view: { page: 'canary' },
    audience: digest,
  })
}
