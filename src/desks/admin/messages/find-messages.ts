import type { Kysely } from 'kysely'
import {
  CONTENT_KINDS,
  type ContentCode,
  type ContentKind,
  contentKindOf,
} from '../../../ground/amavis/content.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import { DAY } from '../../../ground/durations.ts'
import { heldIdOfItem } from '../../../ground/state/item-and-release.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { firstShown, midnightBefore } from '../../../rules/time/local-time.ts'
import { findItems, type Item } from '../../../work/collect/items.ts'
import { type ListedMessage, listedMessages } from '../digests/find-digest.ts'
import { boundedLimit, isAfterPosition, type PageRequest, pageByTime, positionOf } from '../listing/paging.ts'
import { matchesReader, type ReaderFilter, readerFilter } from '../listing/reader-filter.ts'

export interface FindMessagesDeps {
  readonly state: Database<StateTables>
  readonly storage: Kysely<AmavisTables>
  readonly clock: () => number
}

/** What has become of a held message so far. */
export const MESSAGE_STATES = [
  /** No digest lists it yet. */
  'waiting',
  /** A sent digest lists it. */
  'listed',
  'released',
] as const

export type MessageState = (typeof MESSAGE_STATES)[number]

export interface MessageQuery extends PageRequest {
  /** The reader's address, or `@domain`. */
  readonly reader?: string | undefined
  readonly state?: MessageState | undefined
  readonly kind?: ContentKind | undefined
  /** Midnight of the day, as a local time; undefined: 14 days, ending with today, or all that waits. */
  readonly day?: number | undefined
  /** Decides when a day begins. */
  readonly timeZone: string
}

/** A held message, the reader whose digest lists it, and that digest. */
export interface FoundMessage extends ListedMessage {
  readonly reader: string
  readonly digestId: string | null
}

/** How many days the list covers when none is chosen, as the overview does. */
export const DAYS_LISTED = 14

/**
 * Lists held messages by the time at which amavisd received them, newest first: those that the overview counts. A message
 * with several readers has a line for each of them, where the overview counts it once.
 *
 * @throws CodedError REQUEST_INVALID, OUT_OF_REACH
 */
export async function findMessages(
  deps: FindMessagesDeps,
  reach: Reach,
  query: MessageQuery,
): Promise<Page<FoundMessage>> {
  const filter = readerFilter(reach, query.reader)
  const limit = boundedLimit(query.limit)
  const keys = await keysOf(deps, filter, query, limit + 1)
  const { rows, next } = pageByTime(keys, limit, row => ({ at: Number(row.mail_at), id: row.item_id }))
  const items = await findItems(
    deps.state,
    rows.map(row => row.item_id),
  )
  return { rows: await withReaders(deps, items), next }
}

type Key = Pick<StateTables['digest_item'], 'item_id' | 'mail_at'>

/** Reads day after day, from the last one, until there are enough: no more than a day has to be sorted at once. */
async function keysOf(
  deps: FindMessagesDeps,
  filter: ReaderFilter,
  query: MessageQuery,
  limit: number,
): Promise<Key[]> {
  // Few messages wait, and they have an index of their own.
  if (query.state === 'waiting' && query.day === undefined)
    return keysBetween(deps, filter, query, { from: 0, to: Number.MAX_SAFE_INTEGER, limit })
  const last = query.day ?? midnightBefore(deps.clock(), query.timeZone)
  const days = query.day === undefined ? DAYS_LISTED : 1
  const after = positionOf(query.after)
  const keys: Key[] = []
  for (let ago = 0; ago < days && keys.length < limit; ago += 1) {
    const midnight = last - ago * DAY
    const [from, to] = [firstShown(midnight, query.timeZone), firstShown(midnight + DAY, query.timeZone)]
    if (after && after.at < from) continue
    keys.push(...(await keysBetween(deps, filter, query, { from, to, limit: limit - keys.length })))
  }
  return keys
}

function keysBetween(
  { state }: FindMessagesDeps,
  filter: ReaderFilter,
  { kind, state: wanted, after }: MessageQuery,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
): Promise<Key[]> {
  const position = positionOf(after)
  return (
    state.sql
      .selectFrom('digest_item')
      .select(['digest_item.item_id', 'digest_item.mail_at'])
      .where('digest_item.mail_at', '>=', from)
      .where('digest_item.mail_at', '<', to)
      .where(({ ref }) => matchesReader(filter, ref('digest_item.reader')))
      .where(({ ref }) => isAfterPosition(position, ref('digest_item.mail_at'), ref('digest_item.item_id')))
      .$if(kind !== undefined && kind !== 'other', rows =>
        rows.where('digest_item.content', 'in', codesOf(kind)),
      )
      // A later amavisd may know more codes.
      .$if(kind === 'other', rows => rows.where('digest_item.content', 'not in', CODES_OF_OTHER_KINDS))
      .$if(wanted === 'waiting', rows => rows.where('digest_item.digest_id', 'is', null))
      .$if(wanted === 'listed', rows =>
        rows.where(({ exists, selectFrom }) =>
          exists(
            selectFrom('digest_digest')
              .select('digest_digest.digest_id')
              .whereRef('digest_digest.digest_id', '=', 'digest_item.digest_id')
              .where(({ or, eb }) =>
                or([
                  eb('digest_digest.state', 'not in', ['pending', 'dropped', 'empty']),
                  // A digest that is being resent was sent before.
                  eb('digest_digest.resent', 'is not', null),
                ]),
              ),
          ),
        ),
      )
      .$if(wanted === 'released', rows =>
        rows.where(({ exists, selectFrom }) =>
          exists(
            selectFrom('digest_release')
              .select('digest_release.item_id')
              .where('digest_release.item_id', '=', heldIdOfItem())
              .where('digest_release.state', '=', 'released'),
          ),
        ),
      )
      .orderBy('digest_item.mail_at', 'desc')
      .orderBy('digest_item.item_id', 'desc')
      .limit(limit)
      .execute()
  )
}

const CODES = Object.keys(CONTENT_KINDS) as ContentCode[]

const codesOf = (kind: ContentKind | undefined): string[] =>
  CODES.filter(code => contentKindOf(code) === kind)

const CODES_OF_OTHER_KINDS = CODES.filter(code => contentKindOf(code) !== 'other')

async function withReaders(deps: FindMessagesDeps, items: readonly Item[]): Promise<FoundMessage[]> {
  const found = new Map((await listedMessages(deps, items)).map(message => [message.itemId, message]))
  return items.flatMap(({ itemId, reader, digestId }) => {
    const message = found.get(itemId)
    return message ? [{ ...message, reader, digestId }] : []
  })
}
