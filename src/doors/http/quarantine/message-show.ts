import type { LearningDesk } from '../../../desks/learning/learning-desk.ts'
import type { QuarantineDesk } from '../../../desks/quarantine/quarantine-desk.ts'
import type { SenderDesk } from '../../../desks/senders/sender-desk.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { type HeldRef, parseHeldRef } from '../../../work/collect/held-ref.ts'
import type { OpenedHeld } from '../../../work/reading/opened-held.ts'
import type { SenderPart } from '../pages/sender-view.ts'
import { senderPartOf } from '../pages/sender-wish.ts'
import { messageModel } from './message-model.ts'
import { allowOnPage } from './message-policy.ts'
import { isInFlux } from './message-states.ts'
import { offerOf } from './offer-of.ts'
import type { QuarantineVisit } from './quarantine-visit.ts'
import type { MessageNotice } from './shown-message.ts'

export interface MessageDeps {
  readonly quarantine: QuarantineDesk
  readonly senders: SenderDesk
  readonly learning: LearningDesk
  readonly policies: Policies
  /** Whether readers see the headers of a message from the sender on. */
  readonly readersSeeHeaders: boolean
}

/** The message that a request names. @throws CodedError HELD_UNKNOWN */
export function refOf({ params }: QuarantineVisit): HeldRef {
  const { ref = '' } = params
  if (parseHeldRef(ref)) return ref
  throw new CodedError('HELD_UNKNOWN', 'There is no such message.')
}

/** The path of the page of a message, below that of the list from which it is opened. */
export const messagePath = (root: string, ref: HeldRef): string => `${root}/${encodeURIComponent(ref)}`

/** The path of the page of a visit, with its place in the list and what was done. */
export function ownPath(visit: QuarantineVisit, done?: MessageDone): string {
  const query = new URLSearchParams({
    ...(done && { done }),
    ...(placeIn(visit) !== '' && { list: placeIn(visit) }),
  })
  return messagePath(visit.root, refOf(visit)) + (query.size > 0 ? `?${query}` : '')
}

/** Back to the page that the message was opened from. It is built from our own path, so that it leads nowhere else. */
export function backPath(visit: QuarantineVisit): string {
  const place = new URLSearchParams(placeIn(visit))
  if (visit.back) return visit.back(place)
  return place.size > 0 ? `${visit.root}?${place}` : visit.root
}

/** The place in a list, as the list's own links name it: it is handed on from the page to its forms and back. */
function placeIn({ query, form }: QuarantineVisit): string {
  const place = new URLSearchParams(form.get('list') ?? query.get('list') ?? '')
  if (String(place).length > LONGEST_PLACE) place.delete('after')
  return String(place).length > LONGEST_PLACE ? '' : String(place)
}

/** In characters, percent-encoded. Encoded once more in a URL, half as much again: Node takes 16 KB of headers. */
const LONGEST_PLACE = 8000

/**
 * Shows the page of a message.
 *
 * @param asked what the form that was just sent led to; undefined for a GET
 */
export async function showOpened(
  deps: MessageDeps,
  visit: QuarantineVisit,
  opened: OpenedHeld,
  asked: { readonly notice: MessageNotice; readonly status: number } | undefined = undefined,
): Promise<void> {
  const { quarantine, learning, policies, readersSeeHeaders } = deps
  const { viewer, query, response } = visit
  const states = await quarantine.releaseStates(viewer, refOf(visit))
  const framesHtml = query.get('as') === 'html' && opened.content.is === 'shown' && opened.content.hasHtml
  const waits = isInFlux(states)
  const notice = asked?.notice ?? noticeIn(query)
  if (framesHtml) allowOnPage(response, "frame-src 'self'")
  if (waits) allowOnPage(response, "connect-src 'self'")
  const shown = {
    opened,
    states,
    lessons: await learning.offers(viewer, opened.recipients),
    policies,
    viewer,
    ref: refOf(visit),
    root: visit.root,
    framesHtml,
    waits,
    seesHeaders: viewer.as === 'reader' ? readersSeeHeaders : viewer.may.includes('download'),
    notice,
    senders: await senderPart(deps, visit, opened, notice),
    back: backPath(visit),
    own: ownPath(visit),
    place: placeIn(visit),
  }
  const json = jsonOf(opened, asked)
  visit.show({ page: 'message', model: writer => messageModel(shown, writer), json }, asked?.status ?? 200)
}

/** After a form, its page is asked for anew with what was done, so that a reload sends nothing twice. */
const DONE = [
  'deleted',
  'restored',
  'not-restored',
  'being-released',
  'sender-allowed',
  'sender-blocked',
  'sender-removed',
  'learnt',
] as const

export type MessageDone = (typeof DONE)[number]

const noticeIn = (query: URLSearchParams): MessageNotice | undefined => {
  const done = DONE.find(name => name === query.get('done'))
  if (!done) return undefined
  const said = SENDER_SAID[done]
  return said
    ? { is: 'sender', said: { is: said } }
    : { is: done as Exclude<MessageDone, keyof typeof SENDER_DONE> }
}

const SENDER_DONE = {
  'sender-allowed': 'allowed',
  'sender-blocked': 'blocked',
  'sender-removed': 'removed',
} as const

const SENDER_SAID: Readonly<Partial<Record<MessageDone, 'allowed' | 'blocked' | 'removed'>>> = SENDER_DONE

/** What is shown about the sender: where the page is about one recipient, whose lists they would be. */
async function senderPart(
  { senders, policies }: MessageDeps,
  visit: QuarantineVisit,
  { recipients }: OpenedHeld,
  notice: MessageNotice | undefined,
): Promise<SenderPart | undefined> {
  const [held, ...others] = recipients
  if (!held || others.length > 0) return undefined
  const isHeld = held.state === 'held'
  return senderPartOf(senders, visit.viewer, held.ref, {
    said: notice?.is === 'sender' ? notice.said : undefined,
    releases: isHeld && offerOf(held, policies, visit.viewer) === 'release',
    deletePath: isHeld ? messagePath(visit.root, refOf(visit)) : undefined,
    // By a link, nobody gets to pages behind the sign-in.
    lists: visit.back ? undefined : LISTS[visit.viewer.as],
  })
}

const LISTS = {
  reader: { path: '/mail/senders', label: 'senders.toLists' },
  admin: { path: '/admin/senders', label: 'admin.senders.title' },
} as const

function jsonOf({ recipients, content }: OpenedHeld, asked: { readonly notice: MessageNotice } | undefined) {
  const text = content.is === 'shown' ? content.text : null
  const states = recipients.map(({ ref, recipient, state }) => ({ ref, recipient, state }))
  return asked?.notice.is === 'failed'
    ? { status: 'failed', code: asked.notice.code, recipients: states }
    : { subject: recipients[0]?.subject ?? '', from: recipients[0]?.from ?? '', recipients: states, text }
}
