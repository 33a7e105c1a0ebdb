import type { Request, Response } from 'express'
import type { MessageState, OpenedMessage } from '../../../desks/reader/open-message.ts'
import type { OtherMessages } from '../../../desks/reader/other-messages.ts'
import type { ReaderOutcome } from '../../../desks/reader/release-for-reader.ts'
import type { Visit } from '../../../desks/reader/visit-by-link.ts'
import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import { once } from '../../../ground/concurrency/once.ts'
import { CodedError, httpStatusOf } from '../../../ground/errors.ts'
import { needsWarning } from '../../../rules/policy/offer.ts'
import type { ReaderViewer } from '../../../rules/reach/viewer.ts'
import { actorOf, type Visitor } from '../../../rules/reach/visitor.ts'
import { type HeldRef, heldRefOf } from '../../../work/collect/held-ref.ts'
import type { Item } from '../../../work/collect/items.ts'
import { answer, isPrefetch } from '../pages/answer.ts'
import type { LearnableOnPage, PageView } from '../pages/page-view.ts'
import { releasedByJson } from '../pages/released-by.ts'
import type { SenderPart, SenderSaid } from '../pages/sender-view.ts'
import {
  doSenderWish,
  type SenderWish,
  senderJson,
  senderPartOf,
  senderWishIn,
} from '../pages/sender-wish.ts'
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
  const wish = senderWishIn(form)
  const viewer = viewerOf(visit, remoteAddress)
  if (wish && !wish.releases) {
    const said = await doSenderWish(deps.messages.senders, viewer, heldRefOf(visit.subject), wish)
    return show(deps, request, response, await openedBy(deps, visit), said)
  }
  // The release changes nothing in it.
  const list = once(() => otherMessages(deps, visit.visitor, visit.subject))
  try {
    const { opened, outcome } = await deps.reader.release(visit.visitor, visit.subject, {
      ...choice,
      remoteAddress,
      meanwhile: list,
    })
    const said = wish && (await afterRelease(deps, viewer, heldRefOf(visit.subject), { wish, outcome }))
    const seen = { ...opened, visitor: visit.visitor }
    await answerOutcome(deps, request, response, seen, outcome, said, list())
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'CONFIRMATION_REQUIRED') throw error
    await askForConfirmation(deps, request, response, await openedBy(deps, visit), error)
  }
}

/** A sender is allowed only if the message is released, or will be by itself. */
async function afterRelease(
  { messages }: ReleaseRouteDeps,
  viewer: ReaderViewer,
  ref: HeldRef,
  { wish, outcome }: { readonly wish: SenderWish; readonly outcome: ReaderOutcome },
): Promise<SenderSaid> {
  if (RELEASES.has(outcome.status)) return doSenderWish(messages.senders, viewer, ref, wish)
  return { is: 'failed', act: wish.act, code: outcome.code ?? 'POLICY_REFUSED' }
}

const RELEASES: ReadonlySet<ReaderOutcome['status']> = new Set(['released', 'already-released', 'queued'])

/** The link's visitor, as somebody who sees its message and no other. */
const viewerOf = (
  { visitor, subject }: Pick<Visit<Item>, 'visitor' | 'subject'>,
  remoteAddress: string | null,
): ReaderViewer => ({
  as: 'reader',
  visitor,
  actor: actorOf(visitor, remoteAddress),
  only: new Set([subject.heldId]),
})

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
  said?: SenderSaid,
): Promise<void> {
  const { mail, state } = opened
  if (state.is !== 'waiting' || !mail)
    return answerOutcome(deps, request, response, opened, outcomeOf(state), said)
  // Who has just chosen something about the sender has not chosen to release it.
  const releasesItself = deps.oneClick && state.mayReleaseItself && !isPrefetch(request) && !said
  const view = await waitingView(deps, request, { opened, mail, state, releasesItself, said })
  const json = { status: 'held', policy: state.offer, ...expiredJson(state), ...senderJson(said) }
  const status = said?.is === 'failed' ? httpStatusOf(said.code) : 200
  answer(deps, request, response, status, { json, view, audience: opened })
}

const expiredJson = ({ expired }: Waiting) =>
  expired === undefined ? {} : { expiredRequest: new Date(expired).toISOString() }

type Waiting = Extract<MessageState, { is: 'waiting' }>

interface Shown {
  readonly opened: Opened
  readonly mail: HeldMail
  readonly state: Waiting
  readonly releasesItself: boolean
  readonly said?: SenderSaid | undefined
}

/**
 * A message that can be released, with a warning if it is risky, however often its button has to be pressed; or that an
 * admin can be asked for.
 */
async function waitingView(
  deps: ReleaseRouteDeps,
  request: Request,
  { opened, mail, state: { offer, expired }, releasesItself, said }: Shown,
): Promise<PageView> {
  const { releasableUntil } = opened
  const inside = insidePath(deps, request, opened.item)
  const senders = await senderPart(deps, request, opened, {
    said,
    releases: offer === 'release',
    deletePath: inside,
  })
  if (offer === 'request') return { page: 'ask', mail, releasableUntil, expired, inside, senders }
  return needsWarning(mail.kind, offer)
    ? { page: 'confirm', mail, releasableUntil, inside, senders }
    : { page: 'release', mail, releasesItself, releasableUntil, inside, senders }
}

const senderPart = (
  { messages }: ReleaseRouteDeps,
  request: Request,
  { visitor, item }: Seen,
  part: Omit<SenderPart, 'offer'>,
): Promise<SenderPart | undefined> =>
  senderPartOf(
    messages.senders,
    viewerOf({ visitor, subject: item }, request.ip ?? null),
    heldRefOf(item),
    part,
  )

/** The path of the page that shows what is in the message. */
const insidePath = ({ basePath }: ReleaseRouteDeps, { params }: Request, item: Item): string =>
  `${basePath}/release/${encodeURIComponent(String(params.token))}/held/${encodeURIComponent(heldRefOf(item))}`

function outcomeOf(state: MessageState): ReaderOutcome {
  switch (state.is) {
    case 'released':
      return { status: 'already-released', code: null, mayRetry: false, releasedBy: state.by }
    case 'queued':
    case 'requested':
      return { status: state.is, code: null, mayRetry: false }
    case 'refused':
      return { status: 'failed', code: 'POLICY_REFUSED', mayRetry: false }
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
  said?: SenderSaid,
  others = otherMessages(deps, opened.visitor, opened.item),
): Promise<void> {
  const [list, learn, senders] = await Promise.all([
    others,
    learningOf(deps, request, opened, outcome),
    senderPart(deps, request, opened, { said, releases: false }),
  ])
  const { status, code, releasedBy } = outcome
  const json = {
    status,
    ...(code === null ? {} : { code }),
    ...releasedByJson(releasedBy),
    ...requestJson(opened.state),
    ...senderJson(said),
  }
  answer(deps, request, response, statusOf(outcome), {
    json,
    view: viewOf(opened, outcome, {
      list,
      senders,
      learn,
      isAnswer: request.method === 'POST',
    }),
    audience: opened,
  })
}

/** What became of the release is the answer, also when the list cannot be read. */
const otherMessages = (
  { reader }: ReleaseRouteDeps,
  visitor: Visitor,
  item: Item,
): Promise<OtherMessages | undefined> => reader.otherMessages(visitor, item).catch(() => undefined)

/** When it was asked for, or refused and why. */
function requestJson(state: MessageState): object {
  switch (state.is) {
    case 'requested':
      return state.request === undefined ? {} : { askedAt: new Date(state.request.askedAt).toISOString() }
    case 'refused':
      return {
        refusedAt: new Date(state.at).toISOString(),
        ...(state.note === undefined ? {} : { note: state.note }),
      }
    default:
      return {}
  }
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
    case 'requested':
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
  { item, mail, state }: OpenedMessage,
  outcome: ReaderOutcome,
  way: {
    readonly list: OtherMessages | undefined
    readonly senders: SenderPart | undefined
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
      return {
        page: 'queued',
        mail,
        recipient: item.recipient,
        list: way.list,
        senders: way.senders,
        isAnswer: way.isAnswer,
      }
    case 'requested': {
      const seen = state.is === 'requested' ? state : { request: undefined, mayJoin: false }
      const { request, mayJoin } = seen
      return { page: 'requested', mail, request, mayJoin, list: way.list, isAnswer: way.isAnswer }
    }
    case 'failed':
      if (state.is === 'refused')
        return { page: 'refused', mail, at: state.at, note: state.note, list: way.list }
      return {
        page: 'release-failed',
        mail,
        code: outcome.code ?? 'AMAVISD_REFUSED',
        mayRetry: outcome.mayRetry,
        list: way.list,
        senders: way.senders,
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
  const view = await waitingView(deps, request, { opened, mail, state, releasesItself: false })
  answer(deps, request, response, httpStatusOf(error.code), { json, view, audience: opened })
}
