import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { markReleased } from '../../ground/amavis/release-handle.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import type { WorkWatch } from '../../ground/health/work-watch.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Item } from '../collect/items.ts'
import { findRelease, setMarkDueAt, unmarkedReleaseIds } from './claims.ts'
import { findItemOfRelease } from './item-of-release.ts'
import type { MarksMade } from './marks-made.ts'
import { MARK_AGAIN_AFTER } from './retry-times.ts'

export interface MarkDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly works: WorkWatch
  readonly marksMade: Pick<MarksMade, 'add'>
  readonly log: Logger
}

/**
 * Sets `msgrcpt.rs` to R. A failure is only logged: the message is on its way, our own row is what counts, and the next
 * sweep tries again.
 */
export async function markInAmavis(deps: MarkDeps, item: Item): Promise<void> {
  try {
    await deps.works.run('recording', 'msgrcpt.rs', () => markReleased(deps.storage, item))
    deps.marksMade.add(item.heldId)
  } catch (error) {
    deps.log.error({ err: error, item: item.itemId }, 'msgrcpt.rs could not be set to R; it is tried again')
  }
}

/**
 * Sets `msgrcpt.rs` for releases that were recorded before a process died or amavis's database went away.
 *
 * @returns how many it has found
 */
export async function markMissedInAmavis(deps: MarkDeps): Promise<number> {
  const now = deps.clock()
  const missed = await unmarkedReleaseIds(deps.state, now, BATCH)
  for (const heldId of missed) {
    await setMarkDueAt(deps.state, heldId, now + MARK_AGAIN_AFTER)
    const release = await findRelease(deps.state, heldId)
    const item = release && (await findItemOfRelease(deps.state, release))
    if (item) await markInAmavis(deps, item)
    else deps.marksMade.add(heldId)
  }
  return missed.length
}

/** The next sweep takes the others. */
const BATCH = 200
