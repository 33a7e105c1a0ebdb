import { displayAddress } from '../../../../ground/display/address.ts'
import { formatScore, formatSize } from '../../../../ground/display/format.ts'
import { whyHeld } from '../../../../ground/display/reason.ts'
import { displaySender, senderParts } from '../../../../ground/display/sender.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { DAY } from '../../../../ground/durations.ts'
import { needsConfirmation } from '../../../../rules/policy/offer.ts'
import type { Policies } from '../../../../rules/policy/policy.ts'
import { mayInQuarantine, type Viewer } from '../../../../rules/reach/viewer.ts'
import { midnightBefore } from '../../../../rules/time/local-time.ts'
import { wholeMessageOf } from '../../../../work/collect/held-ref.ts'
import { foreignEnvelope } from '../../../../work/digest/show/row-model.ts'
import type { ListedHeld, ListedMessage } from '../../../../work/quarantine/held-list.ts'
import { releasedByModel } from '../../pages/released-by.ts'
import type { Writer } from '../../web/writer.ts'
import { offerOf } from '../offer-of.ts'
import { rowRefsOf } from './row-refs.ts'

export interface RowsContext {
  readonly writer: Writer
  readonly policies: Policies
  readonly viewer: Viewer
  /** The path of a message's page. */
  readonly messagePath: (ref: string) => string
  /** Whether the rows are in the order of time, so that days have headings and rows need no date. */
  readonly isByDay: boolean
  /** The address that a row shows as the one it was sent to; empty: it goes without saying. */
  readonly recipientShown: (recipient: string) => string
}

/** The rows of a list, under a heading for each day where they are in the order of time. */
export function daysOf(messages: readonly ListedMessage[], context: RowsContext): object[] {
  const rows = messages.map((message, index) => ({
    at: message.recipients[0]?.receivedAt ?? 0,
    message,
    index,
  }))
  const zone = context.writer.place.timeZone
  const days = context.isByDay
    ? Map.groupBy(rows, ({ at }) => midnightBefore(at, zone))
    : new Map([[0, rows]])
  return [...days.values()].map(of => ({
    day: context.isByDay ? dayName(of[0]?.at ?? 0, context.writer) : undefined,
    rows: of.map(({ message, index }) => rowOf(message, index + 1, context)),
  }))
}

/** "Today", "Yesterday", "Tuesday, March 5". */
function dayName(at: number, { place, time }: Writer): string {
  const { language, timeZone, now = at } = place
  const ago = Math.round((midnightBefore(now, timeZone) - midnightBefore(at, timeZone)) / DAY)
  const name =
    ago === 0 || ago === 1
      ? new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-ago, 'day')
      : time(at, 'day')
  return name.slice(0, 1).toLocaleUpperCase(language) + name.slice(1)
}

function rowOf(message: ListedMessage, number: number, context: RowsContext): object {
  const { writer, messagePath, isByDay, recipientShown } = context
  const { words, place } = writer
  const held = firstOf(message)
  const isSeveral = message.recipients.length > 1 || message.hasMore
  const ref = isSeveral ? wholeMessageOf(held.ref) : held.ref
  const sender = displaySender(held)
  const [name, address] = senderParts(sender)
  return {
    number,
    url: writer.url(messagePath(ref)),
    isUnread: message.recipients.some(({ isRead }) => !isRead),
    sender: name ?? words.say('display.unknownSender'),
    address,
    caution: sender.nameClaimsAnother ? words.say('display.nameClaimsAnother') : undefined,
    envelope: foreignEnvelope(sender) || undefined,
    bounce: sender.isBounce ? words.say('display.bounce') : undefined,
    subject: displayText(held.subject, MAX_SUBJECT) || words.say('display.noSubject'),
    why: whyHeld(held, words),
    score: formatScore(held.score, place.language),
    size: formatSize(held.size, place.language),
    received: writer.time(held.receivedAt, isByDay ? 'clock' : 'moment'),
    recipient: isSeveral
      ? undefined
      : displayAddress(recipientShown(held.recipient), LONGEST_ADDRESS) || undefined,
    recipients: isSeveral ? recipientsOf(message, context) : undefined,
    state: isSeveral ? undefined : stateOf(held, context),
    releasedBy: isSeveral ? undefined : releasedByModel(held.releasedBy, place),
    ...doable(message, context),
  }
}

/** @throws TypeError for a message without recipients: a mistake in the program */
function firstOf({ recipients: [first] }: ListedMessage): ListedHeld {
  if (!first) throw new TypeError('A listed message has no recipient')
  return first
}

/** About three lines on a phone. */
const MAX_SUBJECT = 120
const LONGEST_ADDRESS = 255

/** All recipients of one message. Those whose state differs from "held" say so. */
const recipientsOf = ({ recipients, hasMore }: ListedMessage, context: RowsContext) => ({
  label: context.writer.words.say(`quarantine.list.${hasMore ? 'recipientsAtLeast' : 'recipients'}`, {
    count: recipients.length,
  }),
  rows: recipients.map(held => ({
    url: context.writer.url(context.messagePath(held.ref)),
    recipient: displayAddress(held.recipient, LONGEST_ADDRESS),
    isUnread: !held.isRead,
    state: stateOf(held, context),
    releasedBy: releasedByModel(held.releasedBy, context.writer.place),
  })),
})

/** What has become of it, as one word. */
function stateOf({ state, request }: ListedHeld, { writer: { words } }: RowsContext): object | undefined {
  if (state === 'held')
    return request?.state === 'refused'
      ? { label: words.say('page.digest.refusedByAdmin'), mood: 'none' }
      : undefined
  return { label: words.say(`quarantine.state.${state}`), mood: MOODS[state] }
}

const MOODS = { released: 'good', deleted: 'none', requested: 'wait' } as const

/** What can be done from the list: with all recipients alike whom the row shows. */
function doable({ recipients }: ListedMessage, { policies, viewer }: RowsContext) {
  const open = recipients.filter(({ state }) => state === 'held' || state === 'requested')
  const deleted = recipients.filter(({ mayRestore }) => mayRestore)
  const offers = open.map(held => offerOf(held, policies, viewer))
  const mayAct = mayInQuarantine(viewer, 'release')
  return {
    mayTick: mayAct && open.length > 0,
    mayRelease: offers.some(offer => offer !== 'none' && !needsConfirmation(offer)),
    /** Its page tells of the danger, and asks once more. */
    mustLook: offers.some(offer => offer !== 'none' && needsConfirmation(offer)),
    /** What that page is for, as the key of a button. */
    lookFor: offers.some(offer => offer === 'confirm') ? 'digest.review' : 'digest.ask',
    mayDelete: mayAct && open.length > 0,
    mayRestore: mayAct && open.length === 0 && deleted.length > 0,
    refs: rowRefsOf((open.length > 0 ? open : deleted).map(({ ref }) => ref)),
  }
}
