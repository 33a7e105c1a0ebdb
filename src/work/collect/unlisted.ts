import type { Logger } from 'pino'
import type { HeldMailRow } from '../../ground/amavis/held-mail-between.ts'
import { itemIdOf } from './item-id.ts'

/**
 * Tells an admin of held mail that no digest lists, once for each message: not by its time, which may lie before the
 * last collecting (amavisd finished it late) or nowhere (a wrong clock).
 *
 * @param rows all of them that this collecting saw; overlapping windows show them again the next time
 */
export function warnOfUnlisted(log: Logger, rows: readonly HeldMailRow[]): void {
  const before = told.get(log)
  const fresh = rows.filter(row => !before?.has(itemIdOf(row)))
  told.set(log, new Set(rows.map(itemIdOf)))
  if (fresh.length === 0) return
  const recipients = [...new Set(fresh.map(row => row.recipient.slice(0, LONGEST_SHOWN)))].slice(
    0,
    MOST_SHOWN,
  )
  log.warn({ messages: fresh.length, recipients }, 'held mail that no digest lists: not an address')
}

const LONGEST_SHOWN = 320
const MOST_SHOWN = 10

/** What each log has been told the last time. */
const told = new WeakMap<Logger, ReadonlySet<string>>()
