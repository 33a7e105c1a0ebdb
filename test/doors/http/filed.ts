import { sql } from 'kysely'
import { HOUR, SECOND } from '../../../src/ground/durations.ts'
import type { StateTables } from '../../../src/ground/state/state-tables.ts'
import { heldIdOf } from '../../../src/work/collect/item-id.ts'
import type { EmbeddedDatabase } from '../../embedded/database.ts'
import { hold } from '../../embedded/held-mail.ts'
import { createLookupTables, SCHEMAS } from '../../embedded/sender-tables.ts'

interface Served {
  readonly database: EmbeddedDatabase
}

/** A message that is held, and that somebody has asked for. */
export interface Filed {
  /** Of the request: 25 digits and letters up to v. */
  readonly id: string
  readonly recipient: string
  readonly receivedAt: number
  readonly content?: string
}

/** Holds a message that another program has marked as asked for, as a request that waits. */
export async function fileRequest(
  { database }: Served,
  { id, content = 'B', ...mail }: Filed,
): Promise<void> {
  const [key] = await hold(database.storage, { ...mail, content, mailId: `mail${id}`, rs: 'p' })
  if (!key) throw new Error('nothing is held')
  const heldId = heldIdOf({ ...key, timeNum: Math.floor(mail.receivedAt / SECOND) })
  const row = requestRow(id, {
    held_id: heldId,
    open_held_id: heldId,
    recipient: mail.recipient,
    domain: mail.recipient.split('@')[1] ?? '',
    content,
    mail_at: mail.receivedAt,
    asked_at: mail.receivedAt,
    expires_at: mail.receivedAt + 100 * HOUR,
  })
  await database.state.sql.insertInto('digest_request').values(row).execute()
}

/** A request that waits, with default values. */
export const requestRow = (
  id: string,
  row: Partial<StateTables['digest_request']> = {},
): StateTables['digest_request'] => ({
  request_id: id,
  open_held_id: id,
  held_id: id,
  partition_tag: 0,
  mail_id: `mail${id}`,
  rseqnum: 1,
  recipient: 'alice@example.com',
  domain: 'example.com',
  content: 'B',
  mail_at: 0,
  state: 'waiting',
  asked_at: 0,
  expires_at: 1,
  first_by: null,
  first_at: null,
  decided_by: null,
  decided_at: null,
  note: null,
  marked: 1,
  next_at: null,
  version: 1,
  ...row,
})

/** Makes amavisd's lookup tables, in which `senders.kind: amavis` keeps lists. */
export const makeSenderTables = ({ database }: Served): Promise<void> =>
  createLookupTables(
    {
      url: database.url,
      query: async text => void (await sql.raw(text).execute(database.storage.sql)),
      [Symbol.asyncDispose]: async () => {},
    },
    SCHEMAS.sqlite,
  )
