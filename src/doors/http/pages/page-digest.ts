import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import { sentTo } from '../../../ground/directory/sent-to.ts'
import { displayAddress } from '../../../ground/display/address.ts'
import { formatScore, formatTime, type Place } from '../../../ground/display/format.ts'
import { whyHeld } from '../../../ground/display/reason.ts'
import { displaySender } from '../../../ground/display/sender.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { GROUPS } from '../../../rules/policy/group.ts'
import { needsConfirmation, type Offer } from '../../../rules/policy/offer.ts'
import { foreignEnvelope } from '../../../work/digest/show/row-model.ts'
import { largeSize, type RowTimes, rowTimes } from '../../../work/digest/show/row-words.ts'
import { type MailModel, mailModelOf } from './page-mail.ts'
import type { DigestPage, DigestPageEntry, DigestReleasedPage } from './page-view.ts'
import { releasedByModel } from './released-by.ts'

/** The model for a page of the whole digest. */
export function digestModel(view: DigestPage, words: Words, place: Place): object {
  const times = rowTimes(place)
  const shared = sharedDeadline(view)
  const rowOf = (entry: DigestPageEntry, index: number) =>
    rowModel(entry, index + 1, { view, words, place, times, shared })
  const rows = view.entries.map(rowOf)
  const ticks = rows.filter(({ tick }) => tick).length
  return {
    wide: true,
    total: view.total,
    all: view.all,
    reader: displayAddress(view.reader),
    when: formatTime(view.createdAt, 'date', place),
    until: shared === 0 ? undefined : times.until(shared, view.createdAt),
    find: view.find,
    // A digest that the eye takes in at once needs no field to find something in it.
    mayFind: view.all >= WORTH_FINDING || view.find !== '',
    nothingTicked: view.notice === 'nothing-ticked',
    turn: view.pages > 1 ? { ...view.pagePaths, number: view.number, pages: view.pages } : undefined,
    allPath: view.pagePaths.all,
    undo: view.undo,
    place: view.place,
    rows,
    groups: groupsOf(view, rows, words),
    mayTick: ticks > 0,
    // One sentence for each number of ticks, because only the server knows the plural forms of the language.
    counts: Array.from({ length: ticks }, (_, index) =>
      words.say('page.digest.releaseCount', { count: index + 1 }),
    ).join('\n'),
  }
}

const WORTH_FINDING = 8

/** Until when most of its messages can be released: said once, and not in each row. */
const sharedDeadline = ({ entries }: DigestPage): number =>
  Math.max(0, ...entries.filter(({ offer }) => offer !== 'none').map(entry => entry.releasableUntil))

interface RowContext {
  readonly view: DigestPage
  readonly words: Words
  readonly place: Place
  readonly times: RowTimes
  readonly shared: number
}

type RowModel = ReturnType<typeof rowModel>

/** `mail`, `until`, `link` and `state` are also what a template of version 0.1 shows. */
function rowModel(entry: DigestPageEntry, number: number, context: RowContext) {
  const { offer, mail, group, itemId } = entry
  const { words, place } = context
  return {
    number,
    id: itemId,
    group,
    mail: mail && compactMail(mail, words, place),
    reason: mail && reasonOf(mail, context),
    facts: mail && factsOf(entry, mail, context),
    sentTo: mail && (sentTo(mail.recipient, context.view.reader) || undefined),
    risky: group === 'dangerous',
    until: formatTime(entry.releasableUntil, 'deadline', place),
    tick: offer !== 'none' && !needsConfirmation(offer),
    inside: entry.inside,
    mayDelete: offer !== 'none' && entry.inside !== undefined,
    link: offer === 'none' ? joinLink(entry, words) : linkOf(offer, entry, words),
    state: offer === 'none' && !entry.mayJoin ? stateOf(entry, words) : undefined,
    releasedBy: releasedByModel(entry.releasedBy, place),
  }
}

/** Mail is often sent through another host of the sender's own; only a stranger's is worth a line. */
const compactMail = (mail: HeldMail, words: Words, place: Place): MailModel => ({
  ...mailModelOf(mail, words, place),
  envelope: foreignEnvelope(displaySender(mail)) || undefined,
})

function reasonOf(mail: HeldMail, { view, words, place }: RowContext): string {
  const why = whyHeld(mail, words)
  const score = view.showsScore ? formatScore(mail.score, place.language) : undefined
  return score === undefined ? why : words.say('display.withScore', { why, score })
}

function factsOf(entry: DigestPageEntry, mail: HeldMail, { view, words, place, times, shared }: RowContext) {
  const until = times.until(entry.releasableUntil, view.createdAt)
  const isUsual = entry.offer === 'none' || until === times.until(shared, view.createdAt)
  const facts = [
    times.received(mail.receivedAt, view.createdAt),
    largeSize(mail.size, place.language),
    isUsual ? '' : words.say('digest.untilRow', { until }),
    entry.mayJoin ? words.say('message.state.requested') : '',
  ]
  return facts.filter(fact => fact !== '').join(' · ')
}

const linkOf = (
  offer: Exclude<Offer, 'none'>,
  { releaseUrl, group, mail }: DigestPageEntry,
  words: Words,
) => {
  const review = needsConfirmation(offer)
  const asks = offer === 'request'
  return {
    url: releaseUrl,
    review,
    strong: group === 'wanted' && !review && !(mail && displaySender(mail).nameClaimsAnother),
    label: words.say(asks ? 'digest.ask' : review ? 'digest.review' : 'digest.release'),
  }
}

const joinLink = ({ mayJoin, releaseUrl }: DigestPageEntry, words: Words) =>
  mayJoin
    ? { url: releaseUrl, review: true, strong: false, label: words.say('page.requested.joinButton') }
    : undefined

/** Why there is no button. */
function stateOf({ mail, isRefused }: Pick<DigestPageEntry, 'mail' | 'isRefused'>, words: Words): object {
  if (isRefused) return { mood: 'none', label: words.say('page.digest.refusedByAdmin') }
  switch (mail?.state) {
    case 'held':
      return { mood: 'none', label: words.say('page.digest.refused') }
    case 'released':
      return { mood: 'good', label: words.say('page.digest.released') }
    case 'pending':
      return { mood: 'wait', label: words.say('message.state.requested') }
    case 'delivered':
    case 'gone':
    case undefined:
      return { mood: 'none', label: words.say('page.digest.gone') }
  }
}

/** The rows under their headings. Those that amavis no longer knows come last, under none. */
function groupsOf({ totals }: DigestPage, rows: readonly RowModel[], words: Words): object[] {
  const groups = GROUPS.map(group => ({
    id: group,
    title: words.say(`digest.groups.${group}.title`, { count: totals[group] }),
    about: group === 'spam' ? undefined : words.say(`digest.groups.${group}.about`),
    rows: rows.filter(row => row.group === group),
  }))
  const gone = {
    id: 'gone',
    title: undefined,
    about: undefined,
    rows: rows.filter(row => row.group === undefined),
  }
  return [...groups, gone].filter(group => group.rows.length > 0)
}

/** The model for the page that tells what became of the messages that were ticked. */
export function digestReleasedModel(
  { results, backPath }: DigestReleasedPage,
  words: Words,
  place: Place,
): object {
  const count = (...statuses: string[]) => results.filter(({ status }) => statuses.includes(status)).length
  const released = count('released')
  const queued = count('queued')
  const requested = count('requested')
  return {
    wide: true,
    backPath,
    heading: headingOf(
      { released, queued, requested, already: count('already-released') },
      results.length,
      words,
    ),
    mood: released > 0 ? 'good' : queued + requested > 0 ? 'wait' : 'none',
    released,
    queued,
    requested,
    waits: queued + requested > 0,
    leftOut: count('left-out'),
    failed: count('failed'),
    rows: results.map(({ status, code, entry, releasedBy }, index) => ({
      number: index + 1,
      mail: entry?.mail && compactMail(entry.mail, words, place),
      outcome:
        entry?.isRefused && status === 'failed' ? stateOf(entry, words) : outcomeOf(status, code, words),
      releasedBy: releasedByModel(releasedBy, place),
      link:
        entry && (status === 'left-out' || code === 'RELEASE_UNCERTAIN')
          ? { url: entry.releaseUrl, label: words.say('digest.review') }
          : undefined,
    })),
  }
}

type Result = DigestReleasedPage['results'][number]

interface Counts {
  readonly released: number
  readonly queued: number
  readonly requested: number
  readonly already: number
}

function headingOf({ released, queued, requested, already }: Counts, total: number, words: Words): string {
  if (released > 0) return words.say('page.together.title', { count: released })
  if (queued > 0) return words.say('page.together.titleQueued', { count: queued })
  if (requested > 0) return words.say('page.requested.title')
  return words.say(already === total ? 'page.together.titleAlready' : 'page.together.titleNone')
}

function outcomeOf(status: Result['status'], code: Result['code'], words: Words): object {
  switch (status) {
    case 'released':
      return { mood: 'good', label: words.say('page.together.released') }
    case 'already-released':
      return { mood: 'good', label: words.say('page.together.already') }
    case 'queued':
      return { mood: 'wait', label: words.say('page.together.queued') }
    case 'requested':
      return { mood: 'wait', label: words.say('page.together.requested') }
    case 'left-out':
      return { mood: 'wait', label: words.say('page.together.leftOut') }
    case 'failed':
      return failedOutcome(code, words)
  }
}

function failedOutcome(code: Result['code'], words: Words): object {
  switch (code) {
    case 'MESSAGE_GONE':
    case 'LINK_EXPIRED':
      return { mood: 'none', label: words.say('page.digest.gone') }
    case 'POLICY_REFUSED':
      return { mood: 'none', label: words.say('page.digest.refused') }
    case 'RELEASE_UNCERTAIN':
      return { mood: 'bad', label: words.say('page.together.uncertain') }
    case 'AMAVISD_REFUSED':
      return { mood: 'bad', label: words.say('page.together.refused') }
    default:
      return { mood: 'bad', label: words.say('page.together.failed') }
  }
}
