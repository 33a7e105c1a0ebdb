import type { Kysely } from 'kysely'
import { type HeldMailRow, heldMailRowOf, heldMailRows } from '../held-mail-between.ts'
import type { AmavisTables } from '../tables.ts'

/**
 * The messages that wait for an admin (`rs` = p) with `from` ≤ `time_num` < `to`, in seconds; without `to`, no upper
 * bound. Read along `msgs_idx_time_num`, as `heldMailBetween` is.
 */
export async function pendingBetween(
  storage: Kysely<AmavisTables>,
  from: number,
  to?: number,
): Promise<HeldMailRow[]> {
  return (await pendingRows(storage, from, to).execute()).map(heldMailRowOf)
}

/** The statement of `pendingBetween`. */
export const pendingRows = (storage: Kysely<AmavisTables>, from: number, to?: number) =>
  heldMailRows(storage)
    .where('msgs.time_num', '>=', from)
    .$if(to !== undefined, query => query.where('msgs.time_num', '<', to ?? 0))
    .where('msgs.content', 'is not', null)
    .where('msgs.quar_type', 'not in', [' ', ''])
    .where('msgrcpt.ds', '!=', 'P')
    .where('msgrcpt.rs', '=', 'p')
