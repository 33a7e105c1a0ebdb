import type { Request, Response } from 'express'
import type { MessageState, OpenedMessage } from '../../../desks/reader/open-message.ts'
import type { ReaderOutcome } from '../../../desks/reader/release-for-reader.ts'
import type { Visit } from '../../../desks/reader/visit-by-link.ts'
import { CodedError, httpStatusOf } from '../../../ground/errors.ts'
import { needsConfirmation } from '../../../rules/policy/offer.ts'
import type { Item } from '../../../work/collect/items.ts'
import { answer, isPrefetch } from '../pages/answer.ts'
import type { PageView } from '../pages/page-view.ts'
import { formOf } from '../web/form.ts'
import type { LinkDeps } from './link-deps.ts'

export interface ReleaseRouteDeps extends LinkDeps {
  readonly oneClick: boolean
}

/** GET and HEAD /release/TOKEN: shows the message. Changes nothing. */
export const showRelease = (deps: ReleaseRouteDeps) => async (request: Request, response: Response) => {
  const visit = await deps.visits.open('release', String(request.params.token))
  show(deps, request, response, await openedBy(deps, visit))
}

/** POST /release/TOKEN: releases the message. A page's button sends `button=yes`; its script does not. */
export const postRelease = (deps: ReleaseRouteDeps) => async (request: Request, response: Response) => {
  if (isPrefetch(request)) return showRelease(deps)(request, response)
  const form = await formOf(request)
  const isYes = (field: string) => form.get(field) === 'yes'
  const choice = { confirmed: isYes('confirm'), again: isYes('again'), pressed: isYes('button') }
  const remoteAddress = request.ip ?? null
  const visit = await deps.visits.openToRelease('release', String(request.params.token), remoteAddress)
  try {
    const { opened, outcome } = await deps.reader.release(visit.visitor, visit.subject, {
      ...choice,
      remoteAddress,
    })
    answerOutcome(deps, request, response, opened, outcome)
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'CONFIRMATION_REQUIRED') throw error
    askForConfirmation(deps, request, response, await openedBy(deps, visit), error)
  }
}

/** A message as the visitor of a link sees it, and how long the link can release it. */
interface Opened extends OpenedMessage {
  readonly releasableUntil: number
}

const openedBy = async (
  { reader }: ReleaseRouteDeps,
  { visitor, subject, until }: Visit<Item>,
): Promise<Opened> => ({ ...(await reader.openMessage(visitor, subject)), releasableUntil: until })

function show(deps: ReleaseRouteDeps, request: Request, response: Response, opened: Opened): void {
  const { mail, state, releasableUntil } = opened
  if (state.is !== 'waiting' || !mail) {
    answerOutcome(deps, request, response, opened, outcomeOf(state))
    return
  }
  const releasesItself = deps.oneClick && state.mayReleaseItself && !isPrefetch(request)
  const view = { page: 'release', mail, releasesItself, releasableUntil } as const
  const json = { status: 'held', policy: state.offer }
  answer(deps, request, response, 200, { json, view, audience: opened })
}

function outcomeOf(state: MessageState): ReaderOutcome {
  switch (state.is) {
    case 'released':
      return { status: 'already-released', code: null, mayRetry: false }
    case 'queued':
      return { status: 'queued', code: null, mayRetry: false }
    case 'failed':
      return { status: 'failed', code: state.code, mayRetry: state.mayRetry }
    case 'waiting':
      return { status: 'failed', code: 'MESSAGE_GONE', mayRetry: false }
  }
}

/** Answers a request to release, or to show the state of a release. */
function answerOutcome(
  deps: ReleaseRouteDeps,
  request: Request,
  response: Response,
  opened: OpenedMessage,
  outcome: ReaderOutcome,
): void {
  const json =
    outcome.code === null ? { status: outcome.status } : { status: outcome.status, code: outcome.code }
  answer(deps, request, response, statusOf(outcome), {
    json,
    view: viewOf(opened, outcome),
    audience: opened,
  })
}

function statusOf(outcome: ReaderOutcome): number {
  switch (outcome.status) {
    case 'released':
    case 'already-released':
      return 200
    case 'queued':
      return 202
    case 'failed':
      return failedStatus(outcome)
  }
}

/** After a day of 4xx replies the release has failed for good, which is a 502. The first 4xx is answered with a 202. */
function failedStatus(outcome: ReaderOutcome): number {
  const status = httpStatusOf(outcome.code ?? 'AMAVISD_REFUSED')
  return status === 202 ? 502 : status
}

function viewOf({ item, mail }: OpenedMessage, outcome: ReaderOutcome): PageView {
  switch (outcome.status) {
    case 'released':
    case 'already-released':
      return { page: 'released', mail, recipient: item.recipient, already: outcome.status !== 'released' }
    case 'queued':
      return { page: 'queued', mail, recipient: item.recipient }
    case 'failed':
      return {
        page: 'release-failed',
        mail,
        code: outcome.code ?? 'AMAVISD_REFUSED',
        mayRetry: outcome.mayRetry,
      }
  }
}

/** Shows the page whose button confirms what the request did not. */
function askForConfirmation(
  deps: ReleaseRouteDeps,
  request: Request,
  response: Response,
  opened: Opened,
  error: CodedError,
): void {
  const { mail, state, releasableUntil } = opened
  if (state.is !== 'waiting' || !mail) {
    answerOutcome(deps, request, response, opened, outcomeOf(state))
    return
  }
  const json = { status: 'failed', code: error.code, message: error.message }
  const view: PageView = needsConfirmation(state.offer)
    ? { page: 'confirm', mail, releasableUntil }
    : { page: 'release', mail, releasesItself: false, releasableUntil }
  answer(deps, request, response, httpStatusOf(error.code), { json, view, audience: opened })
}
