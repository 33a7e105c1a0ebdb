import type { ContentKind } from '../../../ground/amavis/content.ts'
import { itemOf } from '../../../work/collect/items.ts'
import { isListable, withMail } from '../../../work/digest/make/candidates.ts'
import type { CompileDeps } from '../../../work/digest/make/compile.ts'
import { type HistoryDeps, historiesOf, NO_HISTORY } from '../../../work/digest/show/digest-history.ts'

/**
 * How much waits for a reader's next digest. Neither subjects nor senders: the link that leads to this lives for 60
 * days and may have been forwarded.
 */
export interface Waiting {
  readonly total: number
  /** Whether there may be more than were counted. */
  readonly isAtLeast: boolean
  /** The most frequent kind first. */
  readonly kinds: readonly { readonly kind: ContentKind; readonly count: number }[]
  /** When the quarantine stops to keep the first of them, in milliseconds since the epoch. */
  readonly expiresAt: number | undefined
  /** How many are in a digest that was made and is not sent yet: it is spread, or the SMTP server was busy. */
  readonly onItsWay: number
  /** How many that were listed before can still be released. */
  readonly earlier: number
  /** Whether there may be more of them than were counted. */
  readonly isEarlierAtLeast: boolean
}

export type WaitingDeps = CompileDeps & HistoryDeps

/** Counts what the next digest of a reader would list, had it no filter, and what is left of earlier ones. */
export async function waitingFor(deps: WaitingDeps, reader: string, now: number): Promise<Waiting> {
  const rows = await deps.state.sql
    .selectFrom('digest_item')
    .selectAll()
    .where('digest_id', 'is', null)
    .where('reader', '=', reader)
    .limit(MOST)
    .execute()
  const candidates = await withMail(deps.storage, rows.map(itemOf))
  const listable = candidates.filter(candidate => isListable(candidate, deps, now))
  const byKind = Map.groupBy(listable, ({ mail }) => mail?.kind ?? 'other')
  const kinds = [...byKind].map(([kind, all]) => ({ kind, count: all.length }))
  return {
    total: listable.length,
    isAtLeast: rows.length === MOST,
    kinds: kinds.sort((one, other) => other.count - one.count),
    expiresAt:
      listable.length === 0
        ? undefined
        : Math.min(...listable.map(({ item }) => item.mailAt + deps.retention)),
    onItsWay: await countOnItsWay(deps, reader),
    ...(await earlierWaiting(deps, reader, now)),
  }
}

/** What is sent once more was listed before. */
async function countOnItsWay({ state }: WaitingDeps, reader: string): Promise<number> {
  const row = await state.sql
    .selectFrom('digest_digest')
    .select(({ fn }) => fn.sum('item_count').as('messages'))
    .where('reader', '=', reader)
    .where('state', '=', 'pending')
    .where('resent', 'is', null)
    .executeTakeFirst()
  return Number(row?.messages ?? 0)
}

/** As the next digest would count them. */
async function earlierWaiting(
  deps: WaitingDeps,
  reader: string,
  now: number,
): Promise<Pick<Waiting, 'earlier' | 'isEarlierAtLeast'>> {
  const next = { digestId: 'next', reader, createdAt: now + 1 }
  const { waiting, isTruncated } = (await historiesOf(deps, [next], now)).get(next.digestId) ?? NO_HISTORY
  return { earlier: waiting.length, isEarlierAtLeast: isTruncated }
}

/** A page is no place to count for longer. */
const MOST = 1000
