import { type HeldMailFilter, isExcluded } from '../../ground/amavis/held-mail-between.ts'
import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Database } from '../../ground/database/database.ts'
import { SECOND } from '../../ground/durations.ts'
import { isOwnMessageId } from '../../ground/mail/message-id.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { unplacedHours } from './unplaced.ts'
import { readWatermark } from './watermark.ts'
import { TIMELESS } from './windows.ts'

export interface ToCollectDeps {
  readonly state: Database<StateTables>
  readonly filter: HeldMailFilter
  readonly overlap: number
  readonly initial: number
  readonly domain: string
}

/** Whether `collect` will still look at the time of this message, and would make items of it then. */
export async function isToCollect(deps: ToCollectDeps, row: HeldRow, now: number): Promise<boolean> {
  if (deps.filter.localOnly && !row.isLocal) return false
  if (isExcluded(deps.filter, row.kind, row.recipient) || isOwnMessageId(row.messageId, deps.domain))
    return false
  if (row.timeNum < TIMELESS.from + 1) return true
  const last = await readWatermark(deps.state)
  const from = last === undefined || last > now ? now - deps.initial : last - deps.overlap
  if (row.timeNum >= Math.floor(from / SECOND)) return true
  const hours = await unplacedHours(deps.state)
  return hours.some(hour => row.timeNum >= hour.from && row.timeNum < (hour.to ?? Number.POSITIVE_INFINITY))
}
