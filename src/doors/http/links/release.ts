import type { Request, Response } from 'express'
import type { MessageState, OpenedMessage } from '../../../desks/reader/open-message.ts'
import type { OtherMessages } from '../../../desks/reader/other-messages.ts'
import type { ReaderOutcome } from '../../../desks/reader/release-for-reader.ts'
import type { Visit } from '../../../desks/reader/visit-by-link.ts'
import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import { CodedError, httpStatusOf } from '../../../ground/errors.ts'
import { needsWarning, type Offer } from '../../../rules/policy/offer.ts'
import { actorOf, type Visitor } from '../../../rules/reach/visitor.ts'
import type { Item } from '../../../work/collect/items.ts'
import { heldRefOf } from '../../../work/quarantine/held-ref.ts'
import { answer, isPrefetch } from '../pages/answer.ts'
import type { LearnableOnPage, PageView } from '../pages/page-view.ts'
import { releasedByJson } from '../pages/released-by.ts'
import type { MessageDeps } from '../quarantine/message-show.ts'
import { formOf } from '../web/form.ts'
import type { LinkDeps } from './link-deps.ts'

export interface ReleaseRouteDeps extends LinkDeps {
  readonly oneClick: boolean
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
  readonly messages: MessageDeps
}

/** GET and HEAD /release/TOKEN: shows the message. Changes nothing. */
export const showRelease = (deps: ReleaseRouteDeps) => async (request: Request, response: Response) => {
  const visit = await deps.visits.open('release', String(request.params.token))
  await show(deps, request, response, await openedBy(deps, visit))
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
    await answerOutcome(deps, request, response, { ...opened, visitor: visit.visitor }, outcome)
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'CONFIRMATION_REQUIRED') throw error
    await askForConfirmation(deps, request, response, await openedBy(deps, visit), error)
  }
}

/** A message as the visitor of a link sees it, and how long the link can release it. */
interface Opened extends Seen {
  readonly releasableUntil: number
}

interface Seen extends OpenedMessage {
  readonly visitor: Visitor
}

const openedBy = async (
  { reader }: ReleaseRouteDeps,
  { visitor, subject, until }: Visit<Item>,
): Promise<Opened> => ({ ...(await reader.openMessage(visitor, subject)), visitor, releasableUntil: until })

async function show(
  deps: ReleaseRouteDeps,
  request: Request,
  response: Response,
  opened: Opened,
): Promise<void> {
  const { mail, state } = opened
  if (state.is !== 'waiting' || !mail) return answerOutcome(deps, request, response, opened, outcomeOf(state))
  const releasesItself = deps.oneClick && state.mayReleaseItself && !isPrefetch(request)
  const view = waitingView(opened, mail, state.offer, releasesItself, insidePath(deps, request, opened.item))
  const json = { status: 'held', policy: state.offer }
  answer(deps, request, response, 200, { json, view, audience: opened })
}

/** A message that can be released: with a warning if it is risky, however often its button has to be pressed. */
const waitingView = (
  { releasableUntil }: Opened,
  mail: HeldMail,
  offer: Exclude<Offer, 'none'>,
  releasesItself: boolean,
  inside: string,
): PageView =>
  needsWarning(mail.kind, offer)
    ? { page: 'confirm', mail, releasableUntil, inside }
    : { page: 'release', mail, releasesItself, releasableUntil, inside }

/** The path of the page that shows what is in the message. */
const insidePath = ({ basePath }: ReleaseRouteDeps, { params }: Request, item: Item): string =>
  `${basePath}/release/${encodeURIComponent(String(params.token))}/held/${encodeURIComponent(heldRefOf(item))}`

function outcomeOf(state: MessageState): ReaderOutcome {
  switch (state.is) {
    case 'released':
      return { status: 'already-released', code: null, mayRetry: false, releasedBy: state.by }
    case 'queued':
      return { status: 'queued', code: null, mayRetry: false }
    case 'failed':
      return { status: 'failed', code: state.code, mayRetry: state.mayRetry }
    case 'waiting':
      return { status: 'failed', code: 'MESSAGE_GONE', mayRetry: false }
  }
}

/** Answers a request to release, or to show the state of a release. */
async function answerOutcome(
  deps: ReleaseRouteDeps,
  request: Request,
  response: Response,
  opened: Seen,
  outcome: ReaderOutcome,
): Promise<void> {
  // What became of the release is the answer, also when the list cannot be read any more.
  const list = await deps.reader.otherMessages(opened.visitor, opened.item).catch(() => undefined)
  const { status, code, releasedBy } = outcome
  const learn = await learningOf(deps, request, opened, outcome)
  const json = { status, ...(code === null ? {} : { code }), ...releasedByJson(releasedBy) }
  answer(deps, request, response, statusOf(outcome), {
    json,
    view: viewOf(opened, outcome, { list, learn, isAnswer: request.method === 'POST' }),
    audience: opened,
  })
}

/** What the filter can be told of a message that was released: its form leads to the message's own page. */
async function learningOf(
  deps: ReleaseRouteDeps,
  request: Request,
  { item, mail, visitor }: Seen,
  { status }: ReaderOutcome,
): Promise<LearnableOnPage | undefined> {
  if (!mail || (status !== 'released' && status !== 'already-released')) return undefined
  const viewer = { as: 'reader', visitor, actor: actorOf(visitor, request.ip ?? null) } as const
  const ref = heldRefOf(item)
  const message = { ref, heldId: item.heldId, kind: mail.kind, state: 'released' } as const
  const offer = (await deps.messages.learning.offers(viewer, [message])).get(ref)
  return offer && { offer, ref, path: insidePath(deps, request, item) }
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

function viewOf(
  { item, mail }: OpenedMessage,
  outcome: ReaderOutcome,
  way: {
    readonly list: OtherMessages | undefined
    readonly learn: LearnableOnPage | undefined
    readonly isAnswer: boolean
  },
): PageView {
  switch (outcome.status) {
    case 'released':
    case 'already-released':
      return {
        page: 'released',
        mail,
        recipient: item.recipient,
        already: outcome.status !== 'released',
        releasedBy: outcome.releasedBy,
        ...way,
      }
    case 'queued':
      return { page: 'queued', mail, recipient: item.recipient, list: way.list, isAnswer: way.isAnswer }
    case 'failed':
      return {
        page: 'release-failed',
        mail,
        code: outcome.code ?? 'AMAVISD_REFUSED',
        mayRetry: outcome.mayRetry,
        list: way.list,
      }
  }
}

/** Shows the page whose button confirms what the request did not. */
async function askForConfirmation(
  deps: ReleaseRouteDeps,
  request: Request,
  response: Response,
  opened: Opened,
  error: CodedError,
): Promise<void> {
  const { mail, state } = opened
  if (state.is !== 'waiting' || !mail) return answerOutcome(deps, request, response, opened, outcomeOf(state))
  const json = { status: 'failed', code: error.code, message: error.message }
  const view = waitingView(opened, mail, state.offer, false, insidePath(deps, request, opened.item))
  answer(deps, request, response, httpStatusOf(error.code), { json, view, audience: opened })
}
