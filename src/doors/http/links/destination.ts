import type { Request, Response } from 'express'
import type { OpenedDestination } from '../../../desks/reader/settings/destination.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type AnswerDeps, answer, isPrefetch } from '../pages/answer.ts'
import { formOf } from '../web/form.ts'

export interface DestinationRouteDeps extends AnswerDeps {
  readonly openDestination: (token: string) => Promise<OpenedDestination>
  readonly confirmDestination: (token: string, remoteAddress: string | null) => Promise<OpenedDestination>
}

/** GET /destination/TOKEN: where the digests would go. Changes nothing. */
export const showDestination =
  (deps: DestinationRouteDeps) => async (request: Request, response: Response) => {
    show(deps, request, response, await deps.openDestination(String(request.params.token)))
  }

/** POST /destination/TOKEN, `confirm=yes`: lets the digests go there. */
export const postDestination =
  (deps: DestinationRouteDeps) => async (request: Request, response: Response) => {
    const token = String(request.params.token)
    if (isPrefetch(request)) return show(deps, request, response, await deps.openDestination(token))
    if ((await formOf(request)).get('confirm') !== 'yes') {
      throw new CodedError('BODY_UNREADABLE', 'Expected confirm=yes.')
    }
    show(deps, request, response, await deps.confirmDestination(token, request.ip ?? null))
  }

function show(
  deps: DestinationRouteDeps,
  request: Request,
  response: Response,
  opened: OpenedDestination,
): void {
  const { status, reader, deliverTo } = opened
  answer(deps, request, response, 200, {
    json: { status, reader, deliverTo },
    view: { page: 'destination', ...opened },
    audience: opened,
  })
}
