import type { DigestState, ReleaseState } from './states.ts'

/** Our own tables. All times are milliseconds since the epoch unless a name says otherwise; flags are 0 or 1. */
export interface StateTables {
  digest_item: ItemTable
  digest_digest: DigestTable
  digest_run: RunTable
  digest_release: ReleaseTable
  digest_schedule: ScheduleTable
  digest_preference: PreferenceTable
  digest_audit: AuditTable
  digest_watermark: WatermarkTable
  digest_sign_in: SignInTable
  digest_session: SessionTable
  digest_api_key: ApiKeyTable
  digest_destination: DestinationTable
  digest_click: ClickTable
}

/** One held message for one recipient. */
export interface ItemTable {
  item_id: string
  partition_tag: number
  mail_id: string
  rseqnum: number
  /** The envelope recipient in amavis's own spelling. */
  recipient: string
  /** Whose digest lists it, in one form: see `directory/reader-address.ts`. */
  reader: string
  content: string
  /** When amavis received the message. */
  mail_at: number
  collected_at: number
  /** Null while it waits for a digest. */
  digest_id: string | null
}

/** One digest for one reader: a row before it is a mail. */
export interface DigestTable {
  digest_id: string
  run_id: string
  /** Of the transaction that wrote it, of an empty one the run: with the reader, a key. */
  batch_id: string
  reader: string
  deliver_to: string
  language: string
  time_zone: string
  item_count: number
  state: DigestState
  created_at: number
  attempts: number
  next_attempt_at: number
  lease_owner: string | null
  lease_until: number | null
  finished_at: number | null
  /** The SMTP server's last words. */
  reply: string | null
  /** How often an admin has asked for it once more after it was sent; null: never. */
  resent: number | null
  /**
   * When its mail was to be sent first: of one that is sent again, when an admin asked for that the last time. The mail
   * is dated then, and giving up counts from then. Null, of an older version: `created_at`.
   */
  send_at: number | null
  /** When a machine was first seen to fetch what no human sees in it. */
  canary_at: number | null
  /**
   * 1: it goes out though its reader has paused since it was made, because somebody asked for it by hand. 2: it goes to
   * who was turned off, too, because the answer to an attempt was lost and it may have arrived.
   */
  firm: 1 | 2 | null
}

/** One making of digests. `schedule` is null for a run by hand. */
export interface RunTable {
  run_id: string
  schedule: string | null
  due_at: number
  started_at: number
  finished_at: number | null
  /** The process that makes it now. */
  lease_owner: string | null
  lease_until: number | null
  /** JSON: the readers' time zones that it is for; null: all. */
  time_zones: string | null
}

/** The claim on one item, unique per item, and what became of it. */
export interface ReleaseTable {
  item_id: string
  state: ReleaseState
  /** Whose claim it is: a fresh one for each attempt. */
  claim_id: string
  /** The reader: whose name amavisd writes into the mail. */
  requested_by: string
  /** Who asked: the reader, or an admin's name; null: written before anybody else was told apart. */
  asked_by: string | null
  /** When it was first asked for. */
  requested_at: number
  /** The claim is a dead process's when this has passed and the state is still `releasing`. */
  lease_until: number
  attempts: number
  /** Of a queued release. */
  next_attempt_at: number | null
  finished_at: number | null
  /** An ErrorCode, when it failed. */
  code: string | null
  /** amavisd's last words. */
  reply: string | null
}

export interface ScheduleTable {
  name: string
  /** JSON: a list of cron expressions. */
  crons: string
  time_zone: string
  is_default: number
  enabled: number
  version: number
  updated_at: number
  /** JSON: see `schedule/filter.ts`; null: all messages. */
  filters: string | null
  /** Fewer messages make no digest; null: 1. */
  min_messages: number | null
  /** Whether readers are told that nothing was held. */
  send_empty: number | null
  /** Milliseconds over which a run's mails are spread. */
  spread: number | null
  /** Whether readers may choose it themselves. */
  offered: number | null
}

/** Settings of a reader (`alice@example.com`), a domain (`@example.com`) or everybody (`@`); null: not set here. */
export interface PreferenceTable {
  scope: string
  /** JSON: a list of schedule names. */
  schedules: string | null
  language: string | null
  time_zone: string | null
  deliver_to: string | null
  paused_until: number | null
  enabled: number | null
  version: number
  updated_at: number
  /** JSON: a list of the fields that readers may not change; null: as the wider scope says. */
  locked: string | null
  /** When `time_zone` was set to what it is; null: by hand or by an earlier version, at the latest at `updated_at`. */
  zone_since: number | null
}

/** Who did what, when, from where, and what came of it. */
export interface AuditTable {
  audit_id: string
  at: number
  actor_kind: 'reader' | 'admin' | 'program'
  actor: string
  /** The remote network address; null for the command line and the program itself. */
  remote_address: string | null
  action: string
  item_id: string | null
  recipient: string | null
  outcome: string
  detail: string | null
  /** The recipient as readers are compared, or the one who gets the recipient's digest; null: an earlier version wrote it. */
  reader: string | null
  /** The digest that it was done with. */
  digest_id: string | null
}

export interface WatermarkTable {
  name: string
  value: number
}

/** Who signs in. What belongs to one kind opens nothing for another. */
export type SignInKind = 'admin' | 'reader'

/** One sign-in link, good for one use in the browser that asked for it. */
export interface SignInTable {
  /** Made by `sign-in/secret.ts`: the token itself stands in the mail alone. */
  token_hash: string
  kind: SignInKind
  /** The address of whoever signs in, a reader's too: an older version reads the column by this name. */
  admin: string
  browser_hash: string
  created_at: number
  expires_at: number
  used_at: number | null
}

/** One session of a browser. */
export interface SessionTable {
  /** Made by `sign-in/secret.ts`: the id itself is known to the browser alone. */
  session_hash: string
  kind: SignInKind
  /** The address of whoever is signed in, as in `digest_sign_in`. */
  admin: string
  created_at: number
  seen_at: number
  expires_at: number
}

/** A bearer key of the HTTP API. */
export interface ApiKeyTable {
  key_id: string
  name: string
  /** SHA-256 of the key. */
  key_hash: string
  scope: 'read' | 'write'
  /** JSON: a list of domains; null: all. */
  domains: string | null
  created_at: number
  used_at: number | null
  revoked_at: number | null
}

/** A reader's wish to get the digests elsewhere, until it is confirmed from where they go now. */
export interface DestinationTable {
  request_id: string
  reader: string
  deliver_to: string
  /** Where the digests went when it was asked for. */
  moves_from: string
  requested_at: number
  expires_at: number
  used_at: number | null
}

/** One request to a link of a digest. */
export interface ClickTable {
  click_id: string
  at: number
  digest_id: string | null
  /** Of the reader. */
  domain: string
  page: 'release' | 'digest' | 'preferences' | 'canary'
  method: string
  /** Milliseconds since the digest was delivered. */
  after_ms: number | null
}
