import { type Kysely, sql } from 'kysely'
import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import type { Database } from '../../../ground/database/database.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { AuditTable, DigestTable, StateTables } from '../../../ground/state/state-tables.ts'
import { type Reach, reaches } from '../../../rules/reach/reach.ts'
import { itemOf } from '../../../work/collect/items.ts'
import { withMail } from '../../../work/digest/make/candidates.ts'
import { findReleases, type ReleaseRow } from '../../../work/release/claims.ts'
import { type DigestOffers, digestActions } from '../../../work/stuck/digest-actions.ts'
import { auditLinesOf } from '../changes/find-changes.ts'
import { type ChangeLine, withMails } from '../changes/find-changes-with-mail.ts'
import { type DigestSummary, digestSummaryOf, digestsWithSchedule } from './find-digests.ts'

export interface FindDigestDeps {
  readonly state: Database<StateTables>
  readonly storage: Kysely<AmavisTables>
}

export interface DigestDetails {
  readonly digest: DigestSummary
  /** The newest 100 of its messages. */
  readonly messages: readonly ListedMessage[]
  /** The last 100 audit lines about the messages and the digest. */
  readonly audit: readonly ChangeLine[]
  readonly offers: DigestOffers
}

export interface ListedMessage {
  readonly itemId: string
  readonly mailId: string
  /** The envelope recipient in amavis's own spelling. */
  readonly recipient: string
  readonly receivedAt: number
  /** Undefined when amavis has removed it. Every string in it is hostile. */
  readonly mail: HeldMail | undefined
  readonly release: Omit<ReleaseRow, 'claimId' | 'leaseUntil'> | undefined
}

/** Finds a digest with what it lists. @throws CodedError DIGEST_UNKNOWN, also when it is out of reach */
export async function findDigest(deps: FindDigestDeps, reach: Reach, id: string): Promise<DigestDetails> {
  const row = await digestsWithSchedule(deps.state)
    .where('digest_digest.digest_id', '=', id)
    .executeTakeFirst()
  if (!row || !reaches(reach, row.reader)) {
    throw new CodedError('DIGEST_UNKNOWN', 'There is no such digest, or it is no longer kept.')
  }
  const messages = await messagesOf(deps, row)
  const itemIds = messages.map(message => message.itemId)
  const audit = await auditOf(deps, id, itemIds)
  return {
    digest: digestSummaryOf(row),
    messages,
    audit,
    offers: digestActions(row.state, row.copy_of !== null).offers,
  }
}

/** A copy has the messages of its digest. */
async function messagesOf(
  { state, storage }: FindDigestDeps,
  { digest_id, copy_of }: Pick<DigestTable, 'digest_id' | 'copy_of'>,
): Promise<ListedMessage[]> {
  const items = await state.sql
    .selectFrom('digest_item')
    .selectAll()
    .where('digest_id', '=', copy_of ?? digest_id)
    // As a sum: MariaDB would otherwise walk along the index of the time, in search of this digest's items.
    .orderBy(sql`mail_at + 0`, 'desc')
    .limit(MAX_SHOWN)
    .execute()
  return listedMessages({ state, storage }, items.map(itemOf))
}

const MAX_SHOWN = 100

/** Items with their messages and releases, newest first. */
export async function listedMessages(
  { state, storage }: FindDigestDeps,
  items: readonly ReturnType<typeof itemOf>[],
): Promise<ListedMessage[]> {
  const releases = await findReleases(
    state,
    items.map(item => item.heldId),
  )
  const shown = await withMail(storage, items)
  return shown
    .map(({ item, mail }) => ({
      itemId: item.itemId,
      mailId: item.mailId,
      recipient: item.recipient,
      receivedAt: item.mailAt,
      mail,
      release: withoutClaim(releases.get(item.heldId)),
    }))
    .sort((a, b) => b.receivedAt - a.receivedAt)
}

function withoutClaim(release: ReleaseRow | undefined): ListedMessage['release'] {
  if (!release) return undefined
  const { claimId: _, leaseUntil: __, ...shown } = release
  return shown
}

async function auditOf(
  { state, storage }: FindDigestDeps,
  id: string,
  itemIds: readonly string[],
): Promise<ChangeLine[]> {
  const rows = [...(await auditOfDigest(state, id)), ...(await auditOfItems(state, itemIds))]
  const newest = rows.sort((a, b) => Number(b.at) - Number(a.at)).slice(0, MAX_SHOWN)
  return withMails({ state, storage }, await auditLinesOf(state, newest))
}

async function auditOfDigest(state: Database<StateTables>, id: string): Promise<AuditTable[]> {
  return state.sql
    .selectFrom('digest_audit')
    .selectAll()
    .where('digest_id', '=', id)
    .orderBy('at', 'desc')
    .limit(MAX_SHOWN)
    .execute()
}

async function auditOfItems(state: Database<StateTables>, itemIds: readonly string[]): Promise<AuditTable[]> {
  if (itemIds.length === 0) return []
  return state.sql
    .selectFrom('digest_audit')
    .selectAll()
    .where('item_id', 'in', itemIds)
    .orderBy('at', 'desc')
    .limit(MAX_SHOWN)
    .execute()
}
