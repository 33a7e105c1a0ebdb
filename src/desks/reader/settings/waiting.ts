import type { ContentKind } from '../../../ground/amavis/content.ts'
import { keptUntil } from '../../../ground/amavis/retention.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import { itemOf } from '../../../work/collect/items.ts'
import { isListable, judgedCandidates } from '../../../work/digest/make/candidates.ts'
import type { CompileDeps } from '../../../work/digest/make/compile.ts'
import { isLeftOut } from '../../../work/digest/make/left-out.ts'
import { type HistoryDeps, historiesOf, NO_HISTORY } from '../../../work/digest/show/digest-history.ts'

/**
 * How much mail waits for a reader's next digest. It shows no subjects or senders, because the link to it lives for 60
 * days and may have been forwarded.
 */
export interface Waiting {
  readonly total: number
  /** Whether there may be more than were counted. */
  readonly isAtLeast: boolean
  /** The most frequent kind first. */
  readonly kinds: readonly { readonly kind: ContentKind; readonly count: number }[]
  /** When the quarantine stops keeping the first of them, in milliseconds since the epoch. */
  readonly expiresAt: number | undefined
  /** How many are in a digest that is not sent yet, because its run is spread or the SMTP server was busy. */
  readonly onItsWay: number
  /** How many that were listed before can still be released. */
  readonly earlier: number
  /** Whether there may be more of them than were counted. */
  readonly isEarlierAtLeast: boolean
}

export type WaitingDeps = CompileDeps & HistoryDeps

/** Counts what a reader's next digest would list without a filter, and what is left of earlier digests. */
export async function waitingFor(
  deps: WaitingDeps,
  reader: string,
  settings: Pick<ReaderSettings, 'leaveOutBlocked'>,
  now: number,
): Promise<Waiting> {
  const ofReader = waitingItems(deps.state).where('reader', '=', reader)
  const rows = await ofReader.selectAll().limit(MAX_COUNTED).execute()
  const candidates = await judgedCandidates(deps, rows.map(itemOf))
  const listable = candidates.filter(
    candidate => isListable(candidate, deps, now) && !isLeftOut(candidate, settings),
  )
  const byKind = Map.groupBy(listable, ({ mail }) => mail?.kind ?? 'other')
  const kinds = [...byKind].map(([kind, messages]) => ({ kind, count: messages.length }))
  return {
    total: listable.length,
    isAtLeast: rows.length === MAX_COUNTED,
    kinds: kinds.sort((a, b) => b.count - a.count),
    expiresAt:
      listable.length === 0
        ? undefined
        : Math.min(...listable.map(({ item }) => keptUntil(deps.retention, item))),
    onItsWay: await countOnItsWay(deps, reader),
    ...(await earlierWaiting(deps, reader, now)),
  }
}

/** A digest that is sent again does not count: its messages were listed before. */
async function countOnItsWay({ state }: WaitingDeps, reader: string): Promise<number> {
  const row = await state.sql
    .selectFrom('digest_digest')
    .select(({ fn }) => fn.sum('item_count').as('messages'))
    .where('reader', '=', reader)
    .where('state', '=', 'pending')
    .where('resent', 'is', null)
    .where('copy_of', 'is', null)
    .executeTakeFirst()
  return Number(row?.messages ?? 0)
}

/** Counted as the next digest would count them. */
async function earlierWaiting(
  deps: WaitingDeps,
  reader: string,
  now: number,
): Promise<Pick<Waiting, 'earlier' | 'isEarlierAtLeast'>> {
  const next = { digestId: 'next', reader, createdAt: now + 1 }
  const { waiting, isTruncated } = (await historiesOf(deps, [next], now)).get(next.digestId) ?? NO_HISTORY
  return { earlier: waiting.length, isEarlierAtLeast: isTruncated }
}

/** Counting more would take too long for a page. */
const MAX_COUNTED = 1000
