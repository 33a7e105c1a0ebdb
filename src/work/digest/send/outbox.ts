import { type Kysely, type RawBuilder, sql as raw } from 'kysely'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { isFree } from '../../../ground/state/leases.ts'
import { digestsDueBy } from '../../../ground/state/pending-digests.ts'
import type { DigestTable, StateTables } from '../../../ground/state/state-tables.ts'
import { MAY_HAVE_ARRIVED, type SendAnyway, sendAnywayOnceAskedFor } from '../make/send-anyway.ts'

/** A digest that this process has leased. */
export interface LeasedDigest {
  readonly digestId: string
  readonly reader: string
  readonly deliverTo: string
  readonly language: string
  readonly timeZone: string
  readonly createdAt: number
  readonly attempts: number
  /** How many messages it was made of. A digest with 0 says that nothing was held back. */
  readonly itemCount: number
  /** How often an admin has had it resent. */
  readonly resent: number
  /** When it was first to be sent, or when an admin last asked to resend it. */
  readonly sendAt: number
  readonly sendAnyway: SendAnyway
  /** The id of the digest that it is a copy of; undefined: it is none. */
  readonly copyOf: string | undefined
}

/** Leases up to `limit` digests that are due and not leased, or whose lease has run out. */
export function leaseDigests(
  state: Database<StateTables>,
  lease: { readonly owner: string; readonly until: number },
  due: {
    readonly now: number
    readonly dueAt: number
    readonly readers?: readonly string[] | undefined
    /** Only these digests, at least one. */
    readonly digestIds?: readonly string[] | undefined
    readonly limit: number
  },
): Promise<LeasedDigest[]> {
  return inTransaction(state, async transaction => {
    const rows = await state.dialect
      .lockFree(
        digestsDueBy({ sql: transaction }, due.dueAt)
          .selectAll()
          .$if(due.readers !== undefined, query => query.where('reader', 'in', due.readers ?? []))
          .$if(due.digestIds !== undefined, query => query.where('digest_id', 'in', due.digestIds ?? []))
          .where(isFree(due.now))
          .orderBy('next_attempt_at')
          .limit(due.limit),
      )
      .execute()
    if (rows.length === 0) return []
    await transaction
      .updateTable('digest_digest')
      .set({ lease_owner: lease.owner, lease_until: lease.until })
      .where(
        'digest_id',
        'in',
        rows.map(row => row.digest_id),
      )
      .execute()
    // The owner of these leases died, and the server may have accepted the mail before that.
    const abandoned = rows.filter(row => row.lease_owner !== null).map(row => row.digest_id)
    if (abandoned.length > 0) {
      await transaction
        .updateTable('digest_digest')
        .set({ firm: MAY_HAVE_ARRIVED })
        .where('digest_id', 'in', abandoned)
        .execute()
    }
    return rows.map(row => ({
      digestId: row.digest_id,
      reader: row.reader,
      deliverTo: row.deliver_to,
      language: row.language,
      timeZone: row.time_zone,
      createdAt: Number(row.created_at),
      attempts: row.attempts,
      itemCount: row.item_count,
      resent: row.resent ?? 0,
      sendAt: Number(row.send_at ?? row.created_at),
      sendAnyway: row.lease_owner === null ? row.firm : MAY_HAVE_ARRIVED,
      copyOf: row.copy_of ?? undefined,
    }))
  })
}

/** Makes put-off digests due now: an admin who starts a run does not have to wait for a back-off. */
export async function makeDigestsDue(
  state: Database<StateTables>,
  readers: readonly string[] | undefined,
  now: number,
): Promise<void> {
  await state.sql
    .updateTable('digest_digest')
    .set({ next_attempt_at: now })
    .where('state', '=', 'pending')
    .where('next_attempt_at', '>', now)
    .$if(readers !== undefined, query => query.where('reader', 'in', readers ?? []))
    .execute()
}

/** Makes all pending digests of these readers due now, even if the readers have paused: somebody asks for them. */
export async function askForDigests(
  state: Database<StateTables>,
  readers: readonly string[],
  now: number,
): Promise<void> {
  for (const chunk of chunks(readers)) {
    await state.sql
      .updateTable('digest_digest')
      .set({ next_attempt_at: now, firm: sendAnywayOnceAskedFor })
      .where('state', '=', 'pending')
      .where('reader', 'in', chunk)
      .execute()
  }
}

/**
 * Renews the leases of digests, unless another process has taken them over.
 * @returns the ids of the digests that this process still has
 */
export async function renewLeases(
  state: Database<StateTables>,
  lease: { readonly owner: string; readonly until: number },
  digestIds: readonly string[],
): Promise<Set<string>> {
  const renewed = new Set<string>()
  for (const chunk of chunks(digestIds)) {
    await state.sql
      .updateTable('digest_digest')
      .set({ lease_until: lease.until })
      .where('digest_id', 'in', chunk)
      .where('state', '=', 'pending')
      .where('lease_owner', '=', lease.owner)
      .execute()
    const rows = await state.sql
      .selectFrom('digest_digest')
      .select('digest_id')
      .where('digest_id', 'in', chunk)
      .where('state', '=', 'pending')
      .where('lease_owner', '=', lease.owner)
      .execute()
    for (const row of rows) renewed.add(row.digest_id)
  }
  return renewed
}

/** Gives back leased digests that have not been begun. */
export async function returnDigests(
  state: Database<StateTables>,
  owner: string,
  digestIds: readonly string[],
): Promise<void> {
  for (const chunk of chunks(digestIds)) {
    await state.sql
      .updateTable('digest_digest')
      .set({ lease_owner: null, lease_until: null })
      .where('digest_id', 'in', chunk)
      .where('state', '=', 'pending')
      .where('lease_owner', '=', owner)
      .execute()
  }
}

/** A digest and the process that holds its lease: only that process may record what became of the digest. */
export interface OwnedDigest {
  readonly digestId: string
  readonly owner: string
  /** How often it has been resent. The outcome of an earlier mail must not be recorded for this one. */
  readonly resent: number
  /** If given, the digest is changed only if it still has this value. */
  readonly onlyIfSendAnyway?: SendAnyway
}

/** Changes the destination, the language and the time zone of a digest. */
export async function readdressDigest(
  state: Database<StateTables>,
  owned: OwnedDigest,
  to: Pick<LeasedDigest, 'deliverTo' | 'language' | 'timeZone'>,
): Promise<void> {
  await ownedRow(state.sql, owned)
    .set({ deliver_to: to.deliverTo, language: to.language, time_zone: to.timeZone })
    .where('lease_owner', '=', owned.owner)
    .execute()
}

/** A digest whose mail the SMTP server has accepted. */
export interface SentDigest {
  readonly digestId: string
  /** As in `OwnedDigest`. */
  readonly resent: number
  /** What the server said. */
  readonly reply: string
}

/**
 * Records that digests were sent, in one statement; those that were resent by an admin in others. A mail that the server
 * has accepted counts as sent even if another process has leased the digest meanwhile, so that no other outcome is
 * recorded for it.
 */
export async function recordSent(
  { sql }: Database<StateTables>,
  sent: readonly SentDigest[],
  now: number,
): Promise<void> {
  for (const [resent, alike] of Map.groupBy(sent, digest => digest.resent))
    for (const chunk of chunks(alike))
      await pendingRows(
        sql,
        chunk.map(({ digestId }) => digestId),
        resent,
      )
        .set(update => ({
          state: 'sent',
          reply: replyOf(chunk),
          finished_at: now,
          attempts: update('attempts', '+', 1),
          ...NO_LEASE,
        }))
        .execute()
}

/** What an UPDATE of these digests writes to `reply`. Some servers give the same reply to every mail. */
function replyOf(sent: readonly SentDigest[]): RawBuilder<string> {
  const [usual = ''] = sent.map(({ reply }) => boundedReply(reply))
  const arms = sent.flatMap(({ digestId, reply }) => {
    const own = boundedReply(reply)
    return own === usual ? [] : [raw`when ${digestId} then ${own}`]
  })
  return arms.length === 0
    ? raw<string>`${usual}`
    : raw<string>`case digest_id ${raw.join(arms, raw` `)} else ${usual} end`
}

/** Records that there was nothing left to send. */
export async function emptyDigest(
  state: Database<StateTables>,
  owned: OwnedDigest,
  { reply, now }: Ending,
): Promise<void> {
  await endLease(state.sql, owned, { state: 'empty', reply, finished_at: now, attempts: 0 })
}

/** Puts a digest off until its next attempt. */
export async function postponeDigest(
  state: Database<StateTables>,
  owned: OwnedDigest,
  put: { readonly nextAttemptAt: number; readonly reply: string; readonly mayHaveArrived: boolean },
): Promise<void> {
  await endLease(state.sql, owned, {
    reply: put.reply,
    next_attempt_at: put.nextAttemptAt,
    attempts: 1,
    ...(put.mayHaveArrived && { firm: MAY_HAVE_ARRIVED }),
  })
}

/** Leaves a digest for later without an attempt. */
export async function holdBackDigest(
  state: Database<StateTables>,
  owned: OwnedDigest,
  until: { readonly nextAttemptAt: number; readonly reply: string },
): Promise<void> {
  await endLease(state.sql, owned, { reply: until.reply, next_attempt_at: until.nextAttemptAt, attempts: 0 })
}

interface Ending {
  readonly reply: string
  readonly now: number
}

/** Ends a digest that could not be sent. Its messages wait for the reader's next one. */
export const failDigest = (
  state: Database<StateTables>,
  owned: OwnedDigest,
  { reply, now }: Ending,
): Promise<boolean> => endAndFree(state, owned, { state: 'failed', reply, finished_at: now, attempts: 1 })

/**
 * Ends a digest that its reader must not get now. Its messages wait for a later one.
 * @returns false when somebody has asked for the digest meanwhile, or another process has taken it over
 */
export const withholdDigest = (
  state: Database<StateTables>,
  owned: Required<OwnedDigest>,
  { reply, now }: Ending,
): Promise<boolean> => endAndFree(state, owned, { state: 'empty', reply, finished_at: now, attempts: 0 })

async function endAndFree(
  state: Database<StateTables>,
  owned: OwnedDigest,
  end: Parameters<typeof endLease>[2],
): Promise<boolean> {
  return inTransaction(state, async transaction => {
    if (!(await endLease(transaction, owned, end))) return false
    await transaction
      .updateTable('digest_item')
      .set({ digest_id: null })
      .where('digest_id', '=', owned.digestId)
      .execute()
    return true
  })
}

/** Gives up resending a digest. It stays `sent`, because it was delivered before, and keeps its messages. */
export async function endResend(
  state: Database<StateTables>,
  owned: OwnedDigest,
  why: string,
): Promise<void> {
  await endLease(state.sql, owned, { state: 'sent', reply: `${NOT_AGAIN}: ${why}`, attempts: 1 })
}

/** The reply in the row of a digest that was delivered once and could not be resent. */
export const NOT_AGAIN = 'not sent again'

/**
 * Takes items out of a digest, so that they wait for the next one. Those that a later digest has claimed since they were
 * read stay in it.
 */
export async function freeItems(
  state: Database<StateTables>,
  digestId: string,
  itemIds: readonly string[],
): Promise<void> {
  for (const chunk of chunks(itemIds)) {
    await state.sql
      .updateTable('digest_item')
      .set({ digest_id: null })
      .where('item_id', 'in', chunk)
      .where('digest_id', '=', digestId)
      .execute()
  }
}

/** @returns false when another process has taken the digest over, or the digest has changed meanwhile */
async function endLease(
  sql: Kysely<StateTables>,
  owned: OwnedDigest,
  end: Partial<DigestTable> & { readonly reply: string; readonly attempts: number },
): Promise<boolean> {
  const result = await ownedRow(sql, owned)
    .set(update => ({
      ...end,
      reply: boundedReply(end.reply),
      attempts: update('attempts', '+', end.attempts),
      ...NO_LEASE,
    }))
    .where('lease_owner', '=', owned.owner)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

const NO_LEASE = { lease_owner: null, lease_until: null } as const

const boundedReply = (reply: string): string => reply.slice(0, 1000)

const ownedRow = (
  sql: Kysely<StateTables>,
  { digestId, resent, onlyIfSendAnyway: sendAnyway }: OwnedDigest,
) =>
  pendingRows(sql, [digestId], resent)
    .$if(sendAnyway === null, query => query.where('firm', 'is', null))
    .$if(typeof sendAnyway === 'number', query => query.where('firm', '=', sendAnyway ?? null))

/** @param resent how often they had been resent when they were leased */
const pendingRows = (sql: Kysely<StateTables>, digestIds: readonly string[], resent: number) =>
  sql
    .updateTable('digest_digest')
    .where('digest_id', 'in', digestIds)
    .where('state', '=', 'pending')
    .where(row => (resent === 0 ? row('resent', 'is', null) : row('resent', '=', resent)))
