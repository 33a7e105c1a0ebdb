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
}

export interface AuditEntry {
  readonly actor: Actor
  readonly action: AuditAction
  readonly itemId?: string
  /** As it was spelled: an address or `@domain`. */
  readonly recipient?: string
  /** Who gets the digests of this recipient; left out where that is the recipient. */
  readonly reader?: string
  readonly digestId?: string
  /** `released`, `queued`, …, or the code of the error. */
  readonly outcome: string
  /** amavisd's reply, or which digest it was. */
  readonly detail?: string
}

export const AUDIT_ACTIONS = [
  'release',
  'pause',
  'resume',
  /** By hand, of what waits or has failed. */
  'retry',
  'drop',
  'resend',
  /** A digest was seen to be read by a machine. */
  'machine-seen',
  /** A digest made now, because a reader or an admin asked for it. */
  'send-now',
  /** Digests of many made now, because an admin asked for them. */
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
] as const

export type AuditAction = (typeof AUDIT_ACTIONS)[number]

export const recordAudit = (
  state: Pick<Database<StateTables>, 'sql'>,
  entry: AuditEntry,
  now: number,
): Promise<void> => recordAudits(state, [entry], now)

/** Some hundreds in one statement. */
export async function recordAudits(
  state: Pick<Database<StateTables>, 'sql'>,
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
    detail: entry.detail?.slice(0, 1000) ?? null,
    reader: entry.reader ?? comparable(entry.recipient),
    digest_id: entry.digestId ?? null,
  }))
  await state.sql.insertInto('digest_audit').values(rows).execute()
}

/** The one spelling of an address or `@domain`, by which those who look after a domain find what concerned it. */
function comparable(recipient: string | undefined): string | null {
  if (recipient === undefined) return null
  if (!recipient.startsWith('@')) return readerAddress(recipient) ?? recipient
  const domain = domainName(recipient)
  return domain === undefined ? recipient : `@${domain}`
}
