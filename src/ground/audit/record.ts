import type { Database } from '../database/database.ts'
import { domainName, readerAddress } from '../directory/reader-address.ts'
import { newId } from '../state/id.ts'
import type { StateTables } from '../state/state-tables.ts'

/** Who did something, and from where. */
export interface Actor {
  readonly kind: 'reader' | 'admin' | 'program'
  /** A reader's address, an admin's user name, or a part of this program. */
  readonly name: string
  /** The network address; null for the command line and for the program itself. */
  readonly remoteAddress: string | null
  /** The copy of a digest by whose link somebody acts for the reader. */
  readonly byCopy?: ByCopy | undefined
}

/** A copy of a reader's digest, and who gets it. */
export interface ByCopy {
  readonly digestId: string
  readonly deliverTo: string
}

export interface AuditEntry {
  readonly actor: Actor
  readonly action: AuditAction
  readonly itemId?: string
  /** An address or `@domain`, as it was spelled. */
  readonly recipient?: string
  /** Who gets the digests for this recipient; left out when the reader is the recipient. */
  readonly reader?: string
  readonly digestId?: string
  /** `released`, `queued`, …, or the code of the error. */
  readonly outcome: string
  /** amavisd's reply, or which digest it was. */
  readonly detail?: string
}

export const AUDIT_ACTIONS = [
  'release',
  /** A held message was deleted for its recipient, or that was taken back. */
  'delete',
  'restore',
  /** A reader asked for a message; an admin decided; nobody did in time. */
  'request',
  'approve',
  'refuse',
  'request-end',
  /** A sender was allowed or blocked, or that was taken back. */
  'sender-allow',
  'sender-block',
  'sender-remove',
  /** Somebody of the help desk, or an admin, looked at what a reader sees. */
  'look',
  /** The filter was told that a message was spam, or was not. */
  'learn-spam',
  'learn-not-spam',
  'pause',
  'resume',
  /** An admin opened a held message with a virus, or a part of it. */
  'open-virus',
  /** An admin tried again what was waiting or had failed. */
  'retry',
  'drop',
  'resend',
  /** A machine was found to read a digest. */
  'machine-seen',
  /** A digest was made at once, because a reader or an admin asked for it. */
  'send-now',
  /** Digests for many readers were made at once, because an admin asked for them. */
  'run',
  'schedule-set',
  'schedule-remove',
  'settings-set',
  'settings-remove',
  'destination-ask',
  'destination-confirm',
  'sign-in-ask',
  'sign-in',
  'sign-out',
  'key-make',
  'key-revoke',
  /** A key of the API that was refused. */
  'key-use',
] as const

export type AuditAction = (typeof AUDIT_ACTIONS)[number]

export type StateSql = Pick<Database<StateTables>, 'sql'>

export const recordAudit = (state: StateSql, entry: AuditEntry, now: number): Promise<void> =>
  recordAudits(state, [entry], now)

/** Writes all entries in one statement: pass a few hundred at most. */
export async function recordAudits(
  state: StateSql,
  entries: readonly AuditEntry[],
  now: number,
): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map(entry => ({
    audit_id: newId(now),
    at: now,
    actor_kind: entry.actor.kind,
    actor: entry.actor.name.slice(0, 320),
    remote_address: entry.actor.remoteAddress?.slice(0, 64) ?? null,
    action: entry.action,
    item_id: entry.itemId ?? null,
    recipient: entry.recipient ?? null,
    outcome: entry.outcome,
    detail: detailOf(entry)?.slice(0, 1000) ?? null,
    reader: entry.reader ?? normalized(entry.recipient),
    digest_id: entry.digestId ?? entry.actor.byCopy?.digestId ?? null,
  }))
  await state.sql.insertInto('digest_audit').values(rows).execute()
}

function detailOf({ actor: { byCopy }, detail }: AuditEntry): string | undefined {
  if (!byCopy) return detail
  return `${BY_COPY}${byCopy.deliverTo}${detail === undefined ? '' : `; ${detail}`}`
}

/** The detail of what was done by a link in a copy begins with it; the address and `; ` follow. */
export const BY_COPY = 'by the copy for '

/** The normal spelling of an address or `@domain`, by which the admins of a domain find the entries that concern it. */
function normalized(recipient: string | undefined): string | null {
  if (recipient === undefined) return null
  if (!recipient.startsWith('@')) return readerAddress(recipient) ?? recipient
  const domain = domainName(recipient)
  return domain === undefined ? recipient : `@${domain}`
}
