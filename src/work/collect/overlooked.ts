import { type HeldMailRow, heldMailBetween } from '../../ground/amavis/held-mail-between.ts'
import { DAY, MINUTE, SECOND } from '../../ground/durations.ts'
import { isOwnMessageId } from '../../ground/mail/message-id.ts'
import type { CollectDeps } from './collect.ts'
import { newMessages } from './known-messages.ts'
import { withoutUnlisted } from './unlisted.ts'
import { unplacedHours } from './unplaced.ts'
import { readCollectedSince, readWatermark } from './watermark.ts'

export type OverlookedDeps = Pick<CollectDeps, 'storage' | 'state' | 'filter' | 'overlap' | 'domain'>

/**
 * Held mail of the last day that collecting has passed by and never looks at again: amavisd has stored it with a time
 * that was already collected, because its clock is behind, or it took longer than the overlap to store it.
 *
 * It reads from the newest on, a quarter of an hour at a time, until it finds some or has read enough.
 */
export async function overlookedMail(deps: OverlookedDeps, now: number): Promise<readonly HeldMailRow[]> {
  const collected = await readWatermark(deps.state)
  const since = await readCollectedSince(deps.state, deps.filter)
  if (collected === undefined || collected > now || since === undefined) return []
  const hours = await unplacedHours(deps.state)
  const first = Math.max(since, now - DAY) / SECOND
  let read = 0
  for (let to = Math.floor((collected - deps.overlap) / SECOND); to > first && read < ENOUGH; to -= STEP) {
    const rows = await heldMailBetween(deps.storage, deps.filter, Math.max(Math.ceil(first), to - STEP), to)
    read += rows.length
    const collectable = rows.filter(
      ({ messageId, timeNum }) =>
        !isOwnMessageId(messageId, deps.domain) &&
        !hours.some(hour => timeNum >= hour.from && timeNum < (hour.to ?? Number.POSITIVE_INFINITY)),
    )
    const overlooked = await withoutUnlisted(deps.state, await newMessages(deps.state, collectable))
    if (overlooked.length > 0) return overlooked
  }
  return []
}

/** Seconds. */
const STEP = (15 * MINUTE) / SECOND

/** Messages. An amavisd whose clock is behind writes among those of others all the time. */
const ENOUGH = 5000
