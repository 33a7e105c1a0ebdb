import type { Kysely } from 'kysely'
import { DAY, SECOND } from '../../durations.ts'
import type { AmavisTables } from '../tables.ts'
import { firstTimeFrom } from './old-messages.ts'

/** How far back the table of messages goes, and about how many it has. */
export interface QuarantineSpan {
  /** When the oldest message came, in milliseconds since the epoch; undefined: there is none. */
  readonly oldestAt: number | undefined
  /** An estimate: as many each day as in the last one. */
  readonly messages: number
}

/** Takes two short reads along `msgs_idx_time_num`, however long the table is. */
export async function quarantineSpan(storage: Kysely<AmavisTables>, now: number): Promise<QuarantineSpan> {
  // A time of 0 comes from a wrong clock.
  const oldest = await firstTimeFrom(storage, 1)
  if (oldest === undefined) return { oldestAt: undefined, messages: 0 }
  const aDay = await storage
    .selectFrom('msgs')
    .select(({ fn }) => fn.countAll().as('messages'))
    .where('time_num', '>=', Math.floor((now - DAY) / SECOND))
    .where('time_num', '<', Math.ceil(now / SECOND))
    .executeTakeFirstOrThrow()
  const days = Math.max(1, (now - oldest * SECOND) / DAY)
  return { oldestAt: oldest * SECOND, messages: Math.round(Number(aDay.messages) * days) }
}
