import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { markReleased } from '../../ground/amavis/release-handle.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import { MINUTE, SECOND } from '../../ground/durations.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { findItem, type Item } from '../collect/items.ts'
import { markTold, untoldReleaseIds } from './claims.ts'

export interface TellDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly log: Logger
}

/** Milliseconds after which somebody else sees to it that `msgrcpt.rs` says what our row says. */
export const TELL_AFTER = 30 * SECOND

/** The message is on its way whatever becomes of this note: our own row is what counts, and is looked at again. */
export async function tellAmavis(deps: TellDeps, item: Item): Promise<void> {
  try {
    await markReleased(deps.storage, item)
    await markTold(deps.state, item.itemId, null)
  } catch (error) {
    deps.log.error({ err: error, item: item.itemId }, 'msgrcpt.rs could not be set to R; it is tried again')
  }
}

/** Sets `msgrcpt.rs` where a process died, or a database was away, after our own row had said that it is released. */
export async function tellAmavisOfTheRest(deps: TellDeps): Promise<void> {
  const now = deps.clock()
  for (const itemId of await untoldReleaseIds(deps.state, now, BATCH)) {
    await markTold(deps.state, itemId, now + TRY_AGAIN)
    const item = await findItem(deps.state, itemId)
    if (item) await tellAmavis(deps, item)
    else await markTold(deps.state, itemId, null)
  }
}

/** The others are seen to the next time. */
const BATCH = 200

/** Milliseconds. */
const TRY_AGAIN = 5 * MINUTE
