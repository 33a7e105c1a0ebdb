import { createHash } from 'node:crypto'
import type { HeldMailKey } from '../../ground/amavis/held-mail.ts'

/**
 * The id of an item: 120 bits of a hash over the key of its row and its time. It is derived, not random, so that the
 * links in mails already sent lead to the same items after our tables were restored from a backup. The time is included
 * because a partition tag made of the ISO week comes back after a year.
 */
export function itemIdOf(row: HeldMailKey & { readonly timeNum: number }): string {
  return createHash('sha256')
    .update(`${row.partitionTag}\0${row.mailId}\0${row.rseqnum}\0${row.timeNum}`)
    .digest('base64url')
    .slice(0, 20)
}
