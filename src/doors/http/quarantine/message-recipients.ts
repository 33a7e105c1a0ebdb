import { displayAddress } from '../../../ground/display/address.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { isForTwo, needsWarning, type Offer, offerToReader } from '../../../rules/policy/offer.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { isHelpDesk, mayInQuarantine, type Viewer } from '../../../rules/reach/viewer.ts'
import type { HeldRef } from '../../../work/collect/held-ref.ts'
import type { ListedHeld } from '../../../work/quarantine/held-list.ts'
import type { LiveState } from '../../../work/quarantine/release-state.ts'
import { learnModel } from '../pages/learn-model.ts'
import { releasedByModel } from '../pages/released-by.ts'
import type { Writer } from '../web/writer.ts'
import { offerOf } from './offer-of.ts'
import { type RequestLines, requestLines } from './request-lines.ts'
import type { MessageNotice, ShownMessage } from './shown-message.ts'

/** The recipients, each with its state and what can be done; for several, also what can be done for all of them. */
export function recipientModels(shown: ShownMessage, writer: Writer): object {
  const { opened, notice } = shown
  const recipients = opened.recipients.map(held => recipientModel(held, shown, writer))
  const [first] = opened.recipients
  const asks = notice?.is === 'failed' && notice.code === 'CONFIRMATION_REQUIRED'
  return {
    recipients,
    only: recipients.length === 1 ? recipients[0] : undefined,
    several: recipients.length > 1 ? severalModel(recipients, writer) : undefined,
    confirm: asks && first ? confirmModel(first, notice, writer) : undefined,
  }
}

interface RecipientModel {
  readonly ref: HeldRef
  readonly address: string
  readonly state: { readonly mood: string; readonly label: string }
  /** More about it, in a sentence. */
  readonly about: string | undefined
  /** The setting that keeps even an admin from releasing it, such as `policy.virus`. */
  readonly setting: string | undefined
  /** The next MTA's answer, as it came: it names hosts, so only admins see it. */
  readonly reply: string | undefined
  /** The same for a reader: what it means, with the codes of RFC 5321 and RFC 3463. */
  readonly answer: { readonly key: string; readonly code: string } | undefined
  readonly releasedBy: object | undefined
  /** Who has asked for it, or what an admin has answered, in sentences. */
  readonly request: RequestLines | undefined
  readonly release: { readonly label: string; readonly isQuiet: boolean } | undefined
  /** Asks for a second copy, because nobody knows what became of the first. */
  readonly again: boolean
  readonly mayDelete: boolean
  readonly mayRestore: boolean
  readonly hasActions: boolean
  /** What the filter can be told. */
  readonly learn: object | undefined
}

function recipientModel(
  held: ListedHeld,
  { states, lessons, policies, viewer }: ShownMessage,
  writer: Writer,
): RecipientModel {
  const { words, place } = writer
  const live = states.get(held.ref)
  const state = stateOf(held, live)
  const offer = offerOf(held, policies, viewer)
  const isOpen = state === 'held' || state === 'requested' || state === 'failed'
  const about = aboutOf(state, { held, offer, viewer, policies })
  const actions = {
    release:
      isOpen && offer !== 'none'
        ? releaseButton(held, { offer, asks: asksAgain(offer, viewer), state }, words)
        : undefined,
    again: state === 'uncertain' && offer !== 'none',
    mayDelete: mayAct(viewer) && (isOpen || state === 'uncertain'),
    mayRestore: mayAct(viewer) && state === 'deleted' && held.mayRestore,
  }
  return {
    ref: held.ref,
    address: displayAddress(held.recipient, LONGEST_LOCAL_PART),
    state: { mood: MOODS[state], label: words.say(`message.state.${state}`) },
    about: about && words.say(about),
    setting:
      viewer.as === 'admin' && mayAct(viewer) && isOpen && offer === 'none'
        ? settingFor(held, policies)
        : undefined,
    reply: viewer.as === 'admin' && live?.reply ? displayText(live.reply, LONGEST_REPLY) : undefined,
    answer: viewer.as === 'reader' ? answerOf(state, live?.reply) : undefined,
    releasedBy: state === 'released' ? releasedByModel(held.releasedBy, place) : undefined,
    request: isOpen || state === 'uncertain' ? requestLines(held, viewer, writer) : undefined,
    ...actions,
    hasActions: actions.release !== undefined || actions.again || actions.mayDelete || actions.mayRestore,
    learn: learnModel(lessons.get(held.ref), place),
  }
}

/** The setting that keeps an admin from releasing it. */
const settingFor = (held: ListedHeld, policies: Policies): string =>
  isForTwo(held, policies) ? 'requests.virusNeedsTwo' : policies.settingFor(held.recipient, held.kind)

const LONGEST_LOCAL_PART = 255
const LONGEST_REPLY = 400

type State = ListedHeld['state'] | Exclude<LiveState['is'], 'held'>

/**
 * amavis's row counts first: another program may have released or deleted it. What was approved may have failed, and been
 * asked for anew.
 */
function stateOf({ state, request }: ListedHeld, live: LiveState | undefined): State {
  if (state === 'released' || state === 'deleted') return state
  if (request?.state === 'waiting' && (live?.is === 'failed' || live?.is === 'uncertain')) return 'requested'
  return live === undefined || live.is === 'held' ? state : live.is
}

const MOODS: Readonly<Record<State, string>> = {
  held: 'none',
  requested: 'wait',
  deleted: 'none',
  queued: 'wait',
  releasing: 'wait',
  released: 'good',
  failed: 'bad',
  uncertain: 'bad',
}

/** What the next MTA's codes mean, if they are about what the page says. */
function answerOf(state: State, codes: string | undefined): RecipientModel['answer'] {
  const answer = ANSWERS[codes?.slice(0, 1) ?? '']
  return codes !== undefined && answer?.after.includes(state)
    ? { key: `message.answer.${answer.is}`, code: codes }
    : undefined
}

/** By the first digit of its code. */
const ANSWERS: Readonly<Record<string, { readonly is: string; readonly after: readonly State[] }>> = {
  2: { is: 'taken', after: ['released'] },
  4: { is: 'later', after: ['queued', 'failed'] },
  5: { is: 'refused', after: ['failed'] },
}

const mayAct = (viewer: Viewer): boolean => mayInQuarantine(viewer, 'release')

interface About {
  readonly held: ListedHeld
  readonly offer: Offer
  readonly viewer: Viewer
  readonly policies: Policies
}

function aboutOf(state: State, { held, offer, viewer, policies }: About): string | undefined {
  switch (state) {
    case 'held':
      if (held.request?.state === 'refused') return undefined
      if (offer === 'request') return 'page.ask.how'
      if (isHelpDesk(viewer) && offerToReader({ ...held, state }, policies) === 'request')
        return 'admin.as.readerAsks'
      return offer === 'none' && mayAct(viewer) ? 'page.digest.refused' : undefined
    case 'requested':
      return viewer.as === 'reader' && !held.request ? 'message.about.requested' : undefined
    case 'deleted':
      return held.mayRestore ? 'message.about.deleted' : 'quarantine.notice.not-restored'
    case 'queued':
    case 'releasing':
      return 'message.about.queued'
    case 'uncertain':
      return 'message.about.uncertain'
    case 'released':
      return viewer.as === 'reader' ? 'page.released.look' : undefined
    case 'failed':
      return undefined
  }
}

/** An admin is told on this page what it is, and not asked once more. */
const asksAgain = (offer: Exclude<Offer, 'none'>, viewer: Viewer): boolean =>
  viewer.as === 'reader' && offer === 'confirm'

function releaseButton(
  { kind, request }: ListedHeld,
  {
    offer,
    asks,
    state,
  }: { readonly offer: Exclude<Offer, 'none'>; readonly asks: boolean; readonly state: State },
  words: Words,
) {
  const isQuiet = needsWarning(kind, offer)
  if (offer === 'request')
    return {
      label: words.say(
        state === 'requested' && request?.state !== 'expired'
          ? 'page.requested.joinButton'
          : 'page.ask.button',
      ),
      isQuiet,
    }
  if (state === 'failed') return { label: words.say('page.failed.retry'), isQuiet }
  if (asks) return { label: words.say('message.releaseRisky'), isQuiet }
  return { label: words.say(isQuiet ? 'page.confirm.button' : 'page.release.button'), isQuiet }
}

/** One button for all recipients, where at least two of them have it. */
function severalModel(recipients: readonly RecipientModel[], { words }: Writer): object {
  const releasable = recipients.filter(({ release }) => release !== undefined).length
  const deletable = recipients.filter(({ mayDelete }) => mayDelete).length
  return {
    title: words.say('message.recipients', { count: recipients.length }),
    release: releasable > 1 ? words.say('message.releaseAll', { count: releasable }) : undefined,
    delete: deletable > 1 ? words.say('message.deleteAll', { count: deletable }) : undefined,
  }
}

/** The second, explicit confirmation: what it is, what it may do, and a quiet button. */
function confirmModel(
  { kind }: ListedHeld,
  notice: Extract<MessageNotice, { is: 'failed' }>,
  { words }: Writer,
): object {
  return {
    risk: words.say(`page.confirm.risk.${kind}`),
    of: notice.of,
  }
}
