import type { Logger } from 'pino'
import type { HeldMailRow } from '../../ground/amavis/held-mail-between.ts'
import { itemIdOf } from './item-id.ts'

/**
 * Logs held mail that no digest lists, once for each message. The messages are remembered by their ids, because their
 * times do not tell which are new: amavisd may have finished one late, or its clock may be wrong.
 *
 * @param rows all such rows of this collecting; overlapping windows return them again the next time
 */
export function warnOfUnlisted(log: Logger, rows: readonly HeldMailRow[]): void {
  const before = lastLogged.get(log)
  const fresh = rows.filter(row => !before?.has(itemIdOf(row)))
  lastLogged.set(log, new Set(rows.map(itemIdOf)))
  if (fresh.length === 0) return
  const recipients = [...new Set(fresh.map(row => row.recipient.slice(0, LONGEST_SHOWN)))].slice(
    0,
    MOST_SHOWN,
  )
  log.warn({ messages: fresh.length, recipients }, 'held mail that no digest lists: not an address')
}

const LONGEST_SHOWN = 320
const MOST_SHOWN = 10

/** By log, the ids of the rows of the last collecting. */
const lastLogged = new WeakMap<Logger, ReadonlySet<string>>()
