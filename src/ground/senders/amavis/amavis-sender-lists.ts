import type { Database } from '../../database/database.ts'
import { keyOfAddress } from '../../directory/amavis/lookup-keys.ts'
import type { SenderLists } from '../sender-lists.ts'
import { sendersAnswer } from '../senders-answer.ts'
import type { LookupTables } from './lookup-tables.ts'
import { ownerRow, ownerRowMade } from './owner-row.ts'
import { proveRights } from './prove-rights.ts'
import { senderRow, senderRowMade } from './sender-row.ts'
import { storedEntries } from './stored-entries.ts'

export interface AmavisSenderListsOptions {
  /** How long to wait for an answer, in milliseconds. */
  readonly timeout: number
  /** The characters that begin the extension of an address, which amavisd drops for a second look; by default none. */
  readonly recipientDelimiter?: string
}

/**
 * The lists in amavisd's own tables `users`, `mailaddr` and `wblist`. Every statement stands for itself: an entry is
 * written by the last one, and what those before it add changes nothing by itself. So no process waits for another, and
 * none can lose an entry.
 */
export function amavisSenderLists(
  database: Database<LookupTables>,
  { timeout, recipientDelimiter = '' }: AmavisSenderListsOptions,
): SenderLists {
  return {
    read: owner =>
      sendersAnswer(timeout, async () => {
        const rid = await ownerRow(database, keyOfAddress(owner))
        return { entries: rid === undefined ? [] : await storedEntries(database, rid), standing: 'follows' }
      }),
    set: (owner, { sender, list }) =>
      sendersAnswer(timeout, async () => {
        const rid = await ownerRowMade(database, keyOfAddress(owner), recipientDelimiter)
        const sid = await senderRowMade(database, sender)
        const row = { rid, sid, wb: list === 'allow' ? 'W' : 'B' }
        const insert = database.sql.insertInto('wblist').values(row)
        await database.dialect.insertOrUpdate(insert, ['rid', 'sid'], ['wb']).execute()
      }),
    remove: (owner, sender) =>
      sendersAnswer(timeout, async () => {
        const rid = await ownerRow(database, keyOfAddress(owner))
        const sid = rid === undefined ? undefined : await senderRow(database, sender)
        if (rid === undefined || sid === undefined) return false
        const gone = await database.sql
          .deleteFrom('wblist')
          .where('rid', '=', rid)
          .where('sid', '=', sid)
          .executeTakeFirst()
        return gone.numDeletedRows > 0n
      }),
    prove: () => sendersAnswer(timeout, () => proveRights(database)),
  }
}
