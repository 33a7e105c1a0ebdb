import type { Kysely } from 'kysely'
import type { AmavisTables } from '../tables.ts'
import type { Seconds } from './seconds.ts'

/** A part of some seconds, up to their end, and how many messages it has, quarantined or not. */
export interface Slice {
  readonly from: number
  readonly messages: number
}

/**
 * The last seconds in which about `most` messages came, along `msgs_idx_time_num` alone. The second in which it begins may
 * have more.
 */
export async function lastSlice(
  storage: Kysely<AmavisTables>,
  { from, to }: Seconds,
  most: number,
): Promise<Slice> {
  const row = await storage
    .selectFrom(
      storage
        .selectFrom('msgs')
        .select('time_num')
        .where('time_num', '>=', from)
        .where('time_num', '<=', to)
        .orderBy('time_num', 'desc')
        .limit(most)
        .as('slice'),
    )
    .select(({ fn }) => [fn.min('slice.time_num').as('first'), fn.countAll().as('messages')])
    .executeTakeFirst()
  const messages = Number(row?.messages ?? 0)
  return { from: messages < most ? from : Number(row?.first ?? from), messages }
}

/** Whether some addresses together have at most so many rows, by `msgrcpt_idx_rid` alone. */
export async function haveFew(
  storage: Kysely<AmavisTables>,
  recipientIds: readonly number[],
  most: number,
): Promise<boolean> {
  if (recipientIds.length === 0) return true
  const some = storage
    .selectFrom('msgrcpt')
    .select('rid')
    .where('rid', 'in', recipientIds)
    .limit(most + 1)
  const row = await storage
    .selectFrom(some.as('some'))
    .select(({ fn }) => fn.countAll().as('rows'))
    .executeTakeFirst()
  return Number(row?.rows ?? 0) <= most
}

/** Whether some senders together have sent at most so many messages, by `msgs_idx_sid` alone. */
export async function haveSentFew(
  storage: Kysely<AmavisTables>,
  senderIds: readonly number[],
  most: number,
): Promise<boolean> {
  if (senderIds.length === 0) return true
  const some = storage
    .selectFrom('msgs')
    .select('sid')
    .where('sid', 'in', senderIds)
    .limit(most + 1)
  const row = await storage
    .selectFrom(some.as('some'))
    .select(({ fn }) => fn.countAll().as('messages'))
    .executeTakeFirst()
  return Number(row?.messages ?? 0) <= most
}
