import type { Kysely } from 'kysely'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { DAY, HOUR } from '../../../ground/durations.ts'
import { releasableUntil } from '../../../ground/links/urls.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { type Candidate, candidatesFor, isListable, type ListingRules, withMail } from '../make/candidates.ts'
import { earlierDigests, type MadeDigest } from '../make/earlier-digests.ts'
import { type ListedItem, listedBefore } from './listed-before.ts'
import { messageOrder } from './message-order.ts'
import { type FinishedRelease, releaseNews } from './release-news.ts'

export interface HistoryDeps extends ListingRules {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  /** The lifetime of a link, in milliseconds. */
  readonly lifetime: number
  /** A message is listed once more if it expires within so many milliseconds, or before the next digest comes. */
  readonly expiringSoon: number
  /** The score from which on spam is almost certain. */
  readonly spamBorder: number
}

/** What a digest says about earlier ones: which of their messages still wait, and what became of releases. */
export interface DigestHistory {
  /** When the previous digest was made; undefined when its reader has had none for a long time. */
  readonly previousAt: number | undefined
  /**
   * Messages that were listed before and can still be released: first to expire first, then in the order of digests.
   */
  readonly waiting: readonly ListedBefore[]
  /** Whether there may be more than were looked up. */
  readonly isTruncated: boolean
  /** What became of releases between the making of the previous digest and of this one, the latest first. */
  readonly news: readonly News[]
}

/** The history of a reader's first digest. */
export const NO_HISTORY: DigestHistory = { previousAt: undefined, waiting: [], isTruncated: false, news: [] }

/** A message that was listed before. Its `mail` is undefined when the message is only counted. */
export interface ListedBefore extends Candidate, ListedItem {
  /** When the link that the reader has for it expires, in milliseconds since the epoch. */
  readonly until: number
  readonly expiresSoon: boolean
}

export interface News extends Candidate, Pick<FinishedRelease, 'what' | 'at' | 'listedAt'> {}

/**
 * What each of these digests says about earlier ones. A whole batch takes three statements on our tables, or one if
 * none of its readers has had a digest before; amavis's tables are read by their keys.
 *
 * @returns the history by the digest's id; none for a reader's first digest
 */
export async function historiesOf(
  deps: HistoryDeps,
  digests: readonly MadeDigest[],
  now: number,
): Promise<Map<string, DigestHistory>> {
  const successors = await successorsOf(deps, digests, now)
  const [waiting, news] = await Promise.all([waitingOf(deps, successors, now), newsOf(deps, successors)])
  return new Map(
    successors.map(({ digestId, reader, createdAt, previousAt, toldUntil }) => {
      const listed = waiting.get(reader)
      return [
        digestId,
        {
          previousAt,
          waiting: listed?.releasable.filter(({ listedAt }) => listedAt < createdAt) ?? [],
          isTruncated: listed?.isTruncated ?? false,
          news: (news.get(reader) ?? []).filter(({ at }) => at > toldUntil && at <= createdAt),
        },
      ]
    }),
  )
}

/** A digest whose reader has had one before. */
interface Successor extends MadeDigest {
  readonly previousAt: number
  /** Releases that ended by then are reported by an earlier digest. */
  readonly toldUntil: number
}

/** Those of the digests that have a predecessor, even if all links of that one have expired. */
async function successorsOf(
  deps: HistoryDeps,
  digests: readonly MadeDigest[],
  now: number,
): Promise<Successor[]> {
  const readers = [...new Set(digests.map(({ reader }) => reader))]
  const after = now - Math.max(deps.retention.longest, A_MONTH)
  const made = Map.groupBy(await earlierDigests(deps.state, readers, after), ({ reader }) => reader)
  return digests.flatMap(digest => {
    const before = (made.get(digest.reader) ?? []).filter(other => isBefore(other, digest))
    const previousAt = latestTime(before.filter(({ wasDelivered }) => wasDelivered))
    if (previousAt === undefined) return []
    const { digestId, reader, createdAt } = digest
    // A digest that is spread or put off will report its own time, even if this one is delivered first.
    return [{ digestId, reader, createdAt, previousAt, toldUntil: latestTime(before) ?? previousAt }]
  })
}

/** As long as there may be between two monthly digests, with some days to spare. */
const A_MONTH = 35 * DAY

/** Two digests may have been made at the same time: then their ids decide. */
const isBefore = (one: MadeDigest, other: MadeDigest): boolean =>
  one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.digestId < other.digestId)

const latestTime = (digests: readonly MadeDigest[]): number | undefined =>
  digests.length > 0 ? Math.max(...digests.map(({ createdAt }) => createdAt)) : undefined

/** Messages that were listed to one reader before and can still be released. */
interface Waiting {
  readonly releasable: readonly ListedBefore[]
  readonly isTruncated: boolean
}

/** At most so many earlier messages of a reader are looked up in amavis's tables. */
export const MOST_CHECKED = 500

/** As many as 500 readers mostly have. All of a batch would take too much memory: it may have a hundred thousand. */
const CHECKED_TOGETHER = 5000

async function waitingOf(
  deps: HistoryDeps,
  successors: readonly Successor[],
  now: number,
): Promise<Map<string, Waiting>> {
  const soonUntil = soonUntilByReader(deps, successors, now)
  const listed = await listedBefore(deps.state, [...soonUntil.keys()], now - deps.lifetime, MOST_CHECKED + 1)
  const byReader = Map.groupBy(listed, ({ item }) => item.reader)
  const checked = [...byReader.values()].flatMap(items => items.slice(0, MOST_CHECKED))
  const releasable: ListedBefore[] = []
  for (const chunk of chunks(checked, CHECKED_TOGETHER))
    releasable.push(...(await releasableOf(deps, chunk, soonUntil, now)))
  const releasableByReader = Map.groupBy(releasable, ({ item }) => item.reader)
  return new Map(
    [...byReader].map(([reader, items]) => [
      reader,
      {
        releasable: (releasableByReader.get(reader) ?? []).sort(byExpiry(deps.spamBorder)),
        isTruncated: items.length > MOST_CHECKED,
      },
    ]),
  )
}

/**
 * By reader, the time until which an expiring message counts as expiring soon. The next digest is expected after the
 * same interval as this one, so a reader with weekly digests is warned a week ahead.
 */
const soonUntilByReader = (
  deps: HistoryDeps,
  successors: readonly Successor[],
  now: number,
): ReadonlyMap<string, number> =>
  new Map(
    [...Map.groupBy(successors, ({ reader }) => reader)].map(([reader, own]) => {
      const intervals = own.map(({ createdAt, previousAt }) => createdAt - previousAt + LATENESS)
      return [reader, now + Math.max(deps.expiringSoon, ...intervals)]
    }),
  )

/** Added because daylight saving time may begin or end in between, and because a digest takes some time to arrive. */
const LATENESS = 2 * HOUR

/** Messages of one digest mostly expire at the same time, so the order among those matters. */
const byExpiry =
  (spamBorder: number) =>
  (one: ListedBefore, other: ListedBefore): number =>
    one.until - other.until || messageOrder(spamBorder)(one, other)

/** Drops the mail of messages that are only counted, to save memory: a batch may have a hundred thousand of them. */
async function releasableOf(
  deps: HistoryDeps,
  listed: readonly ListedItem[],
  soonUntil: ReadonlyMap<string, number>,
  now: number,
): Promise<ListedBefore[]> {
  const times = new Map(listed.map(({ item, listedAt }) => [item.itemId, listedAt]))
  const candidates = await candidatesFor(
    deps,
    listed.map(({ item }) => item),
  )
  return candidates.flatMap(candidate => {
    const { item, mail } = candidate
    const listedAt = times.get(item.itemId) ?? 0
    const until = releasableUntil(deps, item, listedAt)
    if (until <= now || !isListable(candidate, deps, now)) return []
    const expiresSoon = until <= (soonUntil.get(item.reader) ?? now)
    return [{ item, mail: expiresSoon ? mail : undefined, listedAt, until, expiresSoon }]
  })
}

async function newsOf(deps: HistoryDeps, successors: readonly Successor[]): Promise<Map<string, News[]>> {
  const readers = [...new Set(successors.map(({ reader }) => reader))]
  const after = Math.min(...successors.map(({ toldUntil }) => toldUntil))
  const releases = await releaseNews(deps.state, readers, after)
  const candidates = await withMail(
    deps.storage,
    releases.map(({ item }) => item),
  )
  const mails = new Map(candidates.map(({ item, mail }) => [item.itemId, mail]))
  const news = releases.map(release => ({ ...release, mail: mails.get(release.item.itemId) }))
  return Map.groupBy(
    news.sort((one, other) => other.at - one.at),
    ({ item }) => item.reader,
  )
}
