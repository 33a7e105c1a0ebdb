import type { Request, Response } from 'express'
import type { OpenedDestination } from '../../../desks/reader/settings/move-digests.ts'
import { CodedError, httpStatusOf } from '../../../ground/errors.ts'
import { answer, isPrefetch } from '../pages/answer.ts'
import { formOf } from '../web/form.ts'
import type { LinkDeps } from './link-deps.ts'

/** GET /destination/TOKEN: shows where the digests would go. Changes nothing. */
export const showDestination = (deps: LinkDeps) => async (request: Request, response: Response) => {
  const { visitor, subject } = await visitOf(deps, request)
  show(deps, request, response, await deps.reader.openDestination(visitor, subject))
}

/** POST /destination/TOKEN with `confirm=yes`: sends the digests there from now on. */
export const postDestination = (deps: LinkDeps) => async (request: Request, response: Response) => {
  if (isPrefetch(request)) return showDestination(deps)(request, response)
  const form = await formOf(request)
  if (form.get('confirm') !== 'yes') {
    throw new CodedError('BODY_UNREADABLE', 'Expected confirm=yes.')
  }
  const { visitor, subject } = await visitOf(deps, request)
  const choice = { pressed: form.get('button') === 'yes', remoteAddress: request.ip ?? null }
  try {
    show(deps, request, response, await deps.reader.confirmDestination(visitor, subject, choice))
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'CONFIRMATION_REQUIRED') throw error
    askForButton(deps, request, response, await deps.reader.openDestination(visitor, subject), error)
  }
}

/** Shows the page whose button the request lacked. */
function askForButton(
  deps: LinkDeps,
  request: Request,
  response: Response,
  opened: OpenedDestination,
  { code, message }: CodedError,
): void {
  answer(deps, request, response, httpStatusOf(code), {
    json: { status: 'failed', code, message },
    view: { page: 'destination', ...opened },
    audience: opened,
  })
}

const visitOf = ({ visits }: LinkDeps, request: Request) =>
  visits.open('destination', String(request.params.token))

function show(deps: LinkDeps, request: Request, response: Response, opened: OpenedDestination): void {
  const { status, reader, deliverTo } = opened
  answer(deps, request, response, 200, {
    json: { status, reader, deliverTo },
    view: { page: 'destination', ...opened },
    audience: opened,
  })
}
