import type { RequestTerms } from '../../ground/config/options/requests-options.ts'
import type { Database } from '../../ground/database/database.ts'
import { inTransaction } from '../../ground/database/transaction.ts'
import { domainOf, readerAddress } from '../../ground/directory/reader-address.ts'
import { SECOND } from '../../ground/durations.ts'
import { newId } from '../../ground/state/id.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type HeldKey, heldIdOf } from '../collect/item-id.ts'
import type { Item } from '../collect/items.ts'
import { findOpenRequest, type RequestRow } from './request-rows.ts'

interface OpenDeps {
  readonly state: Database<StateTables>
  readonly requestTerms: Pick<RequestTerms, 'expire'>
}

/** A held message for one recipient, as amavis's tables have it. */
export type Askable = HeldKey & { readonly recipient: string; readonly content: string }

/**
 * Writes the request for a message, which is not marked in amavis's tables yet. A message has one that waits at most: of
 * simultaneous callers one writes it, and all get it, unless it is over already.
 *
 * @param items those by which readers ask; none: another program asked
 */
export async function openRequest(
  { state, requestTerms }: OpenDeps,
  row: Askable,
  items: readonly Pick<Item, 'reader' | 'itemId'>[],
  now: number,
): Promise<RequestRow | undefined> {
  const id = newId(now)
  const heldId = heldIdOf(row)
  await inTransaction(state, async sql => {
    const request = {
      request_id: id,
      open_held_id: heldId,
      held_id: heldId,
      partition_tag: row.partitionTag,
      mail_id: row.mailId,
      rseqnum: row.rseqnum,
      recipient: row.recipient,
      domain: domainOfRecipient(row.recipient),
      content: row.content,
      mail_at: row.timeNum * SECOND,
      state: 'waiting',
      asked_at: now,
      expires_at: now + requestTerms.expire,
      first_by: null,
      first_at: null,
      decided_by: null,
      decided_at: null,
      note: null,
      marked: 0,
      next_at: now,
      version: 1,
    }
    await state.dialect
      .insertNew(sql.insertInto('digest_request').values(request), ['open_held_id'])
      .execute()
    const own = await sql
      .selectFrom('digest_request')
      .select('request_id')
      .where('request_id', '=', id)
      .executeTakeFirst()
    if (!own || items.length === 0) return
    const readers = items.map(({ reader, itemId }) => ({
      request_id: id,
      reader,
      item_id: itemId,
      asked_at: now,
      told: null,
    }))
    await sql.insertInto('digest_request_reader').values(readers).execute()
  })
  return findOpenRequest(state, heldId)
}

/** What is no address is in no domain: admins of all domains alone decide. */
function domainOfRecipient(recipient: string): string {
  const address = readerAddress(recipient)
  return address === undefined ? '' : domainOf(address)
}
