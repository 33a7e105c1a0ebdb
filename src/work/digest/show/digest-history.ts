import type { Kysely } from 'kysely'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { DAY, HOUR } from '../../../ground/durations.ts'
import { releasableUntil } from '../../../ground/links/urls.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { type Candidate, isListable, type ListingRules, withMail } from '../make/candidates.ts'
import { earlierDigests, type MadeDigest } from '../make/earlier-digests.ts'
import { likeliestMistakesFirst } from '../make/message-order.ts'
import { type ListedItem, listedBefore } from './listed-before.ts'
import { type FinishedRelease, releaseNews } from './release-news.ts'

export interface HistoryDeps extends ListingRules {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  /** Of a link, in milliseconds. */
  readonly lifetime: number
  /** What expires within so many milliseconds is listed once more, and what expires before the next digest comes. */
  readonly expiringSoon: number
}

/** What a digest tells beside its own messages: what its reader was told before, and what became of it. */
export interface DigestHistory {
  /** When the digest before this one was made; undefined when its reader has had none for long. */
  readonly previousAt: number | undefined
  /** What was listed before and can still be released: the first to expire, and of those the likeliest mistakes, first. */
  readonly waiting: readonly ListedBefore[]
  /** Whether there may be more than were looked at. */
  readonly isTruncated: boolean
  /** What became of releases since the digest before this one was made and until this one was, the latest first. */
  readonly news: readonly News[]
}

/** For whom this is the first digest. */
export const NO_HISTORY: DigestHistory = { previousAt: undefined, waiting: [], isTruncated: false, news: [] }

/** Its mail is undefined where it is counted only. */
export interface ListedBefore extends Candidate, ListedItem {
  /** When the link that the reader has for it ends, in milliseconds since the epoch. */
  readonly until: number
  readonly expiresSoon: boolean
}

export interface News extends Candidate, Pick<FinishedRelease, 'what' | 'at' | 'listedAt'> {}

/**
 * What each of these digests has to say of earlier ones. For a whole lot it takes three statements on our tables, one
 * where none of its readers had a digest before, and amavis's are read along their keys.
 *
 * @returns by the digest's id; nothing for whom this is the first one
 */
export async function historiesOf(
  deps: HistoryDeps,
  digests: readonly MadeDigest[],
  now: number,
): Promise<Map<string, DigestHistory>> {
  const followers = await followersOf(deps, digests, now)
  const waiting = await waitingOf(deps, followers, now)
  const news = await newsOf(deps, followers)
  return new Map(
    followers.map(({ digestId, reader, createdAt, previousAt, toldUntil }) => {
      const listed = waiting.get(reader)
      return [
        digestId,
        {
          previousAt,
          waiting: listed?.alive.filter(({ listedAt }) => listedAt < createdAt) ?? [],
          isTruncated: listed?.isTruncated ?? false,
          news: (news.get(reader) ?? []).filter(({ at }) => at > toldUntil && at <= createdAt),
        },
      ]
    }),
  )
}

/** A digest whose reader has had one before. */
interface Follower extends MadeDigest {
  readonly previousAt: number
  /** What ended until then is told by another digest. */
  readonly toldUntil: number
}

/** A reader is told of what happened since the last digest, even if that one's links have all ended. */
async function followersOf(
  deps: HistoryDeps,
  digests: readonly MadeDigest[],
  now: number,
): Promise<Follower[]> {
  const readers = [...new Set(digests.map(({ reader }) => reader))]
  const after = now - Math.max(deps.retention, A_MONTH)
  const made = Map.groupBy(await earlierDigests(deps.state, readers, after), ({ reader }) => reader)
  return digests.flatMap(digest => {
    const before = (made.get(digest.reader) ?? []).filter(other => isBefore(other, digest))
    const previousAt = lastOf(before.filter(({ wasDelivered }) => wasDelivered))
    if (previousAt === undefined) return []
    const { digestId, reader, createdAt } = digest
    // One that is spread or put off will tell of its own time, even if this one is delivered first.
    return [{ digestId, reader, createdAt, previousAt, toldUntil: lastOf(before) ?? previousAt }]
  })
}

/** As long as there may be between two monthly digests, with some days to spare. */
const A_MONTH = 35 * DAY

/** Of two that were made at once, too, one comes before the other. */
const isBefore = (one: MadeDigest, other: MadeDigest): boolean =>
  one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.digestId < other.digestId)

const lastOf = (digests: readonly MadeDigest[]): number | undefined =>
  digests.length > 0 ? Math.max(...digests.map(({ createdAt }) => createdAt)) : undefined

/** Of one reader. */
interface Waiting {
  readonly alive: readonly ListedBefore[]
  readonly isTruncated: boolean
}

/** So many earlier messages of a reader are looked up in amavis's tables. */
export const MOST_CHECKED = 500

async function waitingOf(
  deps: HistoryDeps,
  followers: readonly Follower[],
  now: number,
): Promise<Map<string, Waiting>> {
  const soon = soonOf(deps, followers, now)
  const listed = await listedBefore(deps.state, [...soon.keys()], now - deps.lifetime, MOST_CHECKED + 1)
  const byReader = Map.groupBy(listed, ({ item }) => item.reader)
  const checked = [...byReader.values()].flatMap(items => items.slice(0, MOST_CHECKED))
  const alive: ListedBefore[] = []
  for (const chunk of chunks(checked)) alive.push(...(await aliveOf(deps, chunk, soon, now)))
  const aliveByReader = Map.groupBy(alive, ({ item }) => item.reader)
  return new Map(
    [...byReader].map(([reader, items]) => [
      reader,
      {
        alive: (aliveByReader.get(reader) ?? []).sort(byExpiry),
        isTruncated: items.length > MOST_CHECKED,
      },
    ]),
  )
}

/**
 * Until when what expires is listed once more, by reader. The next digest is expected after as long as this one took:
 * whoever has one a week is warned a week before.
 */
const soonOf = (
  deps: HistoryDeps,
  followers: readonly Follower[],
  now: number,
): ReadonlyMap<string, number> =>
  new Map(
    [...Map.groupBy(followers, ({ reader }) => reader)].map(([reader, own]) => {
      const intervals = own.map(({ createdAt, previousAt }) => createdAt - previousAt + LATENESS)
      return [reader, now + Math.max(deps.expiringSoon, ...intervals)]
    }),
  )

/** Clocks may have been changed meanwhile, and a digest takes its time. */
const LATENESS = 2 * HOUR

/** All that one digest has listed mostly expires at once. */
const byExpiry = (one: ListedBefore, other: ListedBefore): number =>
  one.until - other.until || likeliestMistakesFirst(one, other)

/** The mail of what is only counted is let go at once: a lot may have a hundred thousand of them. */
async function aliveOf(
  deps: HistoryDeps,
  listed: readonly ListedItem[],
  soon: ReadonlyMap<string, number>,
  now: number,
): Promise<ListedBefore[]> {
  const times = new Map(listed.map(({ item, listedAt }) => [item.itemId, listedAt]))
  const candidates = await withMail(
    deps.storage,
    listed.map(({ item }) => item),
  )
  return candidates.flatMap(candidate => {
    const { item, mail } = candidate
    const listedAt = times.get(item.itemId) ?? 0
    const until = releasableUntil(deps, item, listedAt)
    if (until <= now || !isListable(candidate, deps, now)) return []
    const expiresSoon = until <= (soon.get(item.reader) ?? now)
    return [{ item, mail: expiresSoon ? mail : undefined, listedAt, until, expiresSoon }]
  })
}

async function newsOf(deps: HistoryDeps, followers: readonly Follower[]): Promise<Map<string, News[]>> {
  const readers = [...new Set(followers.map(({ reader }) => reader))]
  const after = Math.min(...followers.map(({ toldUntil }) => toldUntil))
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
