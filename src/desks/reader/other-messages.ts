import type { ExpressionBuilder } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import type { Urls } from '../../ground/links/urls.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { requirePermission, type Visitor } from '../../rules/reach/visitor.ts'
import type { Item } from '../../work/collect/items.ts'

export interface OtherMessagesDeps {
  readonly state: Database<StateTables>
  readonly urls: Pick<Urls, 'ofDigest'>
  /** How long a link of a digest works, in milliseconds. */
  readonly lifetime: number
  readonly clock: () => number
}

/** The digest that lists a message, as the way back from it. */
export interface OtherMessages {
  /** How many other messages it lists. */
  readonly count: number
  readonly url: string
}

/**
 * The list in which a reader finds the other messages of a digest, or of the copy by which the visitor came. Undefined
 * if it has no others, or if its link would not work any more.
 *
 * @throws CodedError OUT_OF_REACH
 */
export async function otherMessages(
  { state, urls, lifetime, clock }: OtherMessagesDeps,
  visitor: Visitor,
  { itemId, reader, digestId }: Item,
): Promise<OtherMessages | undefined> {
  requirePermission(visitor, 'read', reader)
  const listId = visitor.byCopy?.digestId ?? digestId
  if (listId === null) return undefined
  const now = clock()
  const digest = await state.sql
    .selectFrom('digest_digest')
    .select(['created_at', listed(itemId)])
    .where('digest_id', '=', listId)
    .where('reader', '=', reader)
    .executeTakeFirst()
  if (!digest || Number(digest.created_at) + lifetime <= now) return undefined
  const [createdAt, count] = [Number(digest.created_at), Number(digest.messages)]
  return count === 0
    ? undefined
    : { count, url: urls.ofDigest({ digestId: listId, reader, createdAt }, now).digest }
}

/** How many messages besides this one a digest lists; a copy lists those of its original. */
const listed = (itemId: string) => (of: ExpressionBuilder<StateTables, 'digest_digest'>) =>
  of
    .selectFrom('digest_item')
    .select(({ fn }) => fn.countAll().as('messages'))
    .where('digest_item.digest_id', '=', of.fn.coalesce('digest_digest.copy_of', 'digest_digest.digest_id'))
    .where('digest_item.item_id', '!=', itemId)
    .as('messages')
