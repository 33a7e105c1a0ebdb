import type { Kysely } from 'kysely'
import type { AmavisTables } from '../amavis/tables.ts'
import { chunks } from '../database/chunks.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { releasableUntil } from '../links/urls.ts'
import { type Candidate, isListable, type ListingRules, withMail } from './candidates.ts'
import { earlierDigests, type ListedItem, listedBefore, type MadeDigest } from './listed-before.ts'
import { type FinishedRelease, releaseNews } from './release-news.ts'

export interface EarlierDeps extends ListingRules {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  /** Of a link, in milliseconds. */
  readonly lifetime: number
  /** What expires within so many milliseconds is listed once more. */
  readonly expiringSoon: number
}

/** What a digest tells beside its own messages: what its reader was told before, and what became of it. */
export interface Earlier {
  /** When the digest before this one was made; undefined when there is none that its reader may still have. */
  readonly previousAt: number | undefined
  /** What was listed before and can still be released, the first to expire first. */
  readonly waiting: readonly ListedBefore[]
  /** Whether there may be more than were looked at. */
  readonly isCut: boolean
  /** What became of releases since the digest before this one was made and until this one was, the latest first. */
  readonly news: readonly News[]
}

/** For whom this is the first digest. */
export const NOTHING_EARLIER: Earlier = { previousAt: undefined, waiting: [], isCut: false, news: [] }

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
 * @returns by the digest's id
 */
export async function earlierOf(
  deps: EarlierDeps,
  digests: readonly MadeDigest[],
  now: number,
): Promise<Map<string, Earlier>> {
  const readers = [...new Set(digests.map(({ reader }) => reader))]
  const after = now - deps.lifetime
  const made = Map.groupBy(await earlierDigests(deps.state, readers, after), ({ reader }) => reader)
  const known = readers.filter(reader => made.get(reader)?.some(({ wasDelivered }) => wasDelivered))
  const waiting = await waitingOf(deps, known, after, now)
  const news = await newsOf(deps, known, after)
  return new Map(
    digests.map(digest => {
      const { reader, createdAt } = digest
      const before = (made.get(reader) ?? []).filter(other => isBefore(other, digest))
      // One that is spread or put off will tell of its own time, even if this one is delivered first.
      const toldUntil = lastOf(before) ?? after
      const listed = waiting.get(reader)
      return [
        digest.digestId,
        {
          previousAt: lastOf(before.filter(({ wasDelivered }) => wasDelivered)),
          waiting: listed?.alive.filter(({ listedAt }) => listedAt < createdAt) ?? [],
          isCut: listed?.isCut ?? false,
          news: (news.get(reader) ?? []).filter(({ at }) => at > toldUntil && at <= createdAt),
        },
      ]
    }),
  )
}

/** Of two that were made at once, too, one comes before the other. */
const isBefore = (one: MadeDigest, other: MadeDigest): boolean =>
  one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.digestId < other.digestId)

const lastOf = (digests: readonly MadeDigest[]): number | undefined =>
  digests.length > 0 ? Math.max(...digests.map(({ createdAt }) => createdAt)) : undefined

/** Of one reader. */
interface Waiting {
  readonly alive: readonly ListedBefore[]
  readonly isCut: boolean
}

/** So many earlier messages of a reader are looked up in amavis's tables. */
export const MOST_CHECKED = 500

async function waitingOf(
  deps: EarlierDeps,
  readers: readonly string[],
  after: number,
  now: number,
): Promise<Map<string, Waiting>> {
  const listed = await listedBefore(deps.state, readers, after, MOST_CHECKED + 1)
  const byReader = Map.groupBy(listed, ({ item }) => item.reader)
  const checked = [...byReader.values()].flatMap(items => items.slice(0, MOST_CHECKED))
  const alive: ListedBefore[] = []
  for (const some of chunks(checked)) alive.push(...(await aliveOf(deps, some, now)))
  const aliveByReader = Map.groupBy(alive, ({ item }) => item.reader)
  return new Map(
    [...byReader].map(([reader, items]) => [
      reader,
      {
        alive: (aliveByReader.get(reader) ?? []).sort((one, other) => one.until - other.until),
        isCut: items.length > MOST_CHECKED,
      },
    ]),
  )
}

/** The mail of what is only counted is let go at once: a lot may have a hundred thousand of them. */
async function aliveOf(
  deps: EarlierDeps,
  listed: readonly ListedItem[],
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
    const expiresSoon = until <= now + deps.expiringSoon
    return [{ item, mail: expiresSoon ? mail : undefined, listedAt, until, expiresSoon }]
  })
}

async function newsOf(
  deps: EarlierDeps,
  readers: readonly string[],
  after: number,
): Promise<Map<string, News[]>> {
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
