import type { Urls } from '../../../ground/links/urls.ts'
import { GROUPS, groupOf } from '../../../rules/policy/group.ts'
import { offerToReader } from '../../../rules/policy/offer.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import type { Item } from '../../collect/items.ts'
import type { Candidate } from '../make/candidates.ts'
import type { DigestHistory, News } from './digest-history.ts'
import { messageOrder } from './message-order.ts'
import type { DigestEntry, DigestGroup, DigestView, NewsEntry, ShownBrand, StillWaiting } from './view.ts'

/** The part of a digest's row that is shown. */
export interface ShownDigest {
  readonly digestId: string
  readonly reader: string
  readonly language: string
  readonly timeZone: string
  /** The reader's own words; empty if there are none. */
  readonly phrase?: string | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Undefined unless it is a copy of a digest. */
  readonly copy?: ShownCopy | undefined
}

/** What a copy of a digest shows beside the digest. */
export interface ShownCopy {
  /** The id of the digest. */
  readonly of: string
  /** The address that gets the copy. */
  readonly for: string
}

export interface ViewDeps {
  readonly urls: Pick<Urls, 'release' | 'ofDigest'>
  readonly policies: Policies
  readonly contact: string | undefined
  /** The score from which on spam is almost certain. */
  readonly spamBorder: number
  /** Whether each message is listed with its score. */
  readonly showScore: boolean
  /** Whether suspect words are hidden from content filters. */
  readonly disguise: 'auto' | 'never'
  readonly brand: ShownBrand
}

/**
 * What a digest shows.
 *
 * @param listable those of its messages that its reader can still release, in any order
 * @param most how many of them to list
 * @param history what its reader was told before
 */
export function viewOf(
  deps: ViewDeps,
  digest: ShownDigest,
  listable: readonly Candidate[],
  most: number,
  now: number,
  history: DigestHistory,
): DigestView {
  const listed = listable.toSorted(messageOrder(deps.spamBorder)).slice(0, most)
  const entries = listed.flatMap(candidate => entryOf(deps, digest, candidate, digest.createdAt, now))
  return {
    reader: digest.reader,
    language: digest.language,
    timeZone: digest.timeZone,
    createdAt: digest.createdAt,
    total: listable.length,
    since: listable.length === 0 ? history.previousAt : Math.min(digest.createdAt, ...oldestTime(listable)),
    entries,
    groups: groupsOf(listable, deps.spamBorder),
    releasableUntil: latest(entries),
    showsScore: deps.showScore,
    quotesLiterally: deps.disguise === 'never',
    waiting: waitingOf(deps, digest, history, now),
    news: history.news.slice(0, MOST_NEWS).map(news => newsEntryOf(deps, digest, news, now)),
    moreNews: Math.max(0, history.news.length - MOST_NEWS),
    brand: deps.brand,
    phrase: digest.phrase ?? '',
    copyFor: digest.copy?.for,
    links: linksOf(deps, digest, now),
    contact: deps.contact,
  }
}

/** Whoever gets a copy may not change the reader's settings. */
function linksOf({ urls }: ViewDeps, digest: ShownDigest, now: number): DigestView['links'] {
  const links = urls.ofDigest(digest, now)
  return digest.copy ? { ...links, preferences: undefined } : links
}

/** The link in a copy says so. */
const releaseLink = (
  { urls }: ViewDeps,
  { digestId, copy }: ShownDigest,
  item: Item,
  listedAt: number,
  now: number,
) => urls.release(item, listedAt, now, copy && digestId)

function groupsOf(listable: readonly Candidate[], spamBorder: number): DigestGroup[] {
  const totals = { wanted: 0, dangerous: 0, spam: 0 }
  for (const { mail } of listable) if (mail) totals[groupOf(mail, spamBorder)] += 1
  return GROUPS.flatMap(group => (totals[group] === 0 ? [] : [{ group, total: totals[group] }]))
}

const latest = (entries: readonly DigestEntry[]): number =>
  Math.max(0, ...entries.map(({ releasableUntil }) => releasableUntil))

function entryOf(
  deps: ViewDeps,
  digest: ShownDigest,
  { item, mail }: Candidate,
  listedAt: number,
  now: number,
): DigestEntry[] {
  if (!mail) return []
  const link = releaseLink(deps, digest, item, listedAt, now)
  const offer = offerToReader(mail, deps.policies)
  const group = groupOf(mail, deps.spamBorder)
  return [{ mail, group, offer, releasableUntil: link.releasableUntil, releaseUrl: link.url }]
}

/** At most so many rows expiring soon, and lines about releases: a digest is read for its own messages. */
const MOST_SOON = 10
const MOST_NEWS = 10

function waitingOf(
  deps: ViewDeps,
  digest: ShownDigest,
  { waiting, isTruncated }: DigestHistory,
  now: number,
): StillWaiting | undefined {
  if (waiting.length === 0) return undefined
  const soon = waiting.filter(({ expiresSoon }) => expiresSoon)
  const entries = soon
    .slice(0, MOST_SOON)
    .flatMap(listed => entryOf(deps, digest, listed, listed.listedAt, now))
  return { total: waiting.length, isAtLeast: isTruncated, soon: soon.length, entries }
}

function newsEntryOf(deps: ViewDeps, digest: ShownDigest, news: News, now: number): NewsEntry {
  const { item, mail, what, at, listedAt } = news
  const isOffered = what !== 'gone' && mail && offerToReader(mail, deps.policies) !== 'none'
  const link =
    isOffered && listedAt !== undefined ? releaseLink(deps, digest, item, listedAt, now) : undefined
  const releaseUrl = link && link.releasableUntil > now ? link.url : undefined
  return { mail, what, at, releaseUrl }
}

/** The time of the oldest message. Not `Math.min` of all: 100,000 arguments would overflow the stack. */
function oldestTime(candidates: readonly Candidate[]): number[] {
  const oldest = candidates.reduce<Item | undefined>(
    (first, { item }) => (first && first.mailAt <= item.mailAt ? first : item),
    undefined,
  )
  return oldest ? [oldest.mailAt] : []
}
