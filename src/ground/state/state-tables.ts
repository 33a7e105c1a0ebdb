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
  digest_attempt: AttemptTable
  digest_api_key: ApiKeyTable
  digest_destination: DestinationTable
  digest_click: ClickTable
  digest_answer: AnswerTable
  digest_deletion: DeletionTable
  digest_bulk: BulkTable
  digest_bulk_row: BulkRowTable
  digest_request: RequestTable
  digest_request_reader: RequestReaderTable
  digest_lesson: LessonTable
}

/** One held message for one recipient, in the eyes of one reader. */
export interface ItemTable {
  item_id: string
  partition_tag: number
  mail_id: string
  rseqnum: number
  /** The envelope recipient in amavis's own spelling. */
  recipient: string
  /** The address whose digest lists it, in its normal form: see `directory/reader-address.ts`. */
  reader: string
  content: string
  /** When amavis received the message. */
  mail_at: number
  collected_at: number
  /** Null while it is waiting for a digest; `BY_HAND`: it never did, and never will; `LEFT_OUT`: none lists it. */
  digest_id: string | null
  /** What all readers of the message share, and what is released once: see `collect/item-id.ts`. Null: `item_id`. */
  held_id: string | null
  /** The last digest with copies that listed it: they show it even once that digest has failed and it waits again. */
  listed_in: string | null
  /** Until when mails promise that it can be released; null: none does, or an older version wrote it. */
  promised_until: number | null
}

/** One digest for one reader. The row exists before the mail does. */
export interface DigestTable {
  digest_id: string
  run_id: string
  /** The id of the transaction that wrote it, or of the run for an empty digest; a key together with the reader. */
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
  /** The SMTP server's last reply. */
  reply: string | null
  /** How often an admin has sent it again; null: never. */
  resent: number | null
  /**
   * When its mail was first due or, if an admin has sent it again, when that was last asked for. This is the date of
   * the mail, and the time from which giving up counts. Null if an older version wrote it: `created_at`.
   */
  send_at: number | null
  /** When a machine first fetched the link in it that no human sees. */
  canary_at: number | null
  /**
   * Whether it is sent although its reader's settings have changed since it was made. 1: even if the reader has paused,
   * because somebody asked for it. 2: even if the reader's digests are turned off, because the answer to an attempt was
   * lost and the mail may already have arrived.
   */
  firm: 1 | 2 | null
  /**
   * The digest of which this is a copy for somebody else, such as a deputy. Both have the same reader, run and
   * `created_at`. A copy claims no items of its own.
   */
  copy_of: string | null
}

/** One run: digests made at one time. `schedule` is null if somebody started it. */
export interface RunTable {
  run_id: string
  schedule: string | null
  due_at: number
  started_at: number
  finished_at: number | null
  /** The process that is making its digests now. */
  lease_owner: string | null
  lease_until: number | null
  /** JSON: the time zones of the readers that it serves; null: all. */
  time_zones: string | null
}

/** The claim on one held message for one recipient, whoever of its readers asks, and its outcome. */
export interface ReleaseTable {
  /** `held_id` of the items: the column keeps its name. */
  item_id: string
  /** The item by which it was asked for last; null: the one whose id is `item_id`. */
  asked_item: string | null
  state: ReleaseState
  /** Identifies the claim; each attempt has a new one. */
  claim_id: string
  /** The reader's address, which amavisd writes into the mail. */
  requested_by: string
  /** The reader or the name of the admin who asked; null: written by a version that did not record it. */
  asked_by: string | null
  /** When it was first asked for. */
  requested_at: number
  /** If this has passed and the state is still `releasing`, the process that held the claim is dead. */
  lease_until: number
  attempts: number
  /** When a queued release is tried next. */
  next_attempt_at: number | null
  finished_at: number | null
  /** An ErrorCode if it failed. */
  code: string | null
  /** amavisd's last reply. */
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
  /** The fewest messages for which a digest is made; null: 1. */
  min_messages: number | null
  /** Whether readers are told that nothing was held. */
  send_empty: number | null
  /** The time over which the mails of a run are spread, in milliseconds. */
  spread: number | null
  /** Whether readers may choose this schedule themselves. */
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
  /** JSON: a list of the fields that readers may not change; null: inherited from the wider scope. */
  locked: string | null
  /** The words by which a reader knows that a digest is genuine; null: not set here. */
  phrase: string | null
  /** JSON: a list of addresses that get a copy of each digest; null: not set here. */
  copy_to: string | null
  /** Whether digests leave out mail of senders whom the reader has blocked; null: not set here. */
  leave_out_blocked: number | null
  /** When `time_zone` got its value; null: set directly in SQL or by an earlier version, no later than `updated_at`. */
  zone_since: number | null
}

/** Who did what, when and from where, and the outcome. */
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
  /** The recipient in the normal form, or the reader of the recipient's mail; null: written by an earlier version. */
  reader: string | null
  /** The digest that was concerned. */
  digest_id: string | null
}

export interface WatermarkTable {
  name: string
  value: number
}

/** Who signs in. A link or session of one kind is never valid for another. */
export type SignInKind = 'admin' | 'reader'

/** One sign-in link, for one use in the browser that asked for it, or in any if the command line printed it. */
export interface SignInTable {
  /** Made by `sign-in/secret.ts`; the token itself is only in the mail. */
  token_hash: string
  kind: SignInKind
  /** The address of the admin or the reader. The column keeps its name, because an older version reads it. */
  admin: string
  /** `any` for a link that was printed. */
  browser_hash: string
  created_at: number
  expires_at: number
  used_at: number | null
  /** From which network it was asked for; null: see the migration `0005-sign-in-networks`. */
  network: string | null
}

/** One session of a browser. */
export interface SessionTable {
  /** Made by `sign-in/secret.ts`; only the browser knows the id itself. */
  session_hash: string
  kind: SignInKind
  /** The address of the person who is signed in, as in `digest_sign_in`. */
  admin: string
  created_at: number
  seen_at: number
  expires_at: number
}

/** One attempt to sign in with a password. */
export interface AttemptTable {
  attempt_id: string
  /** Made by `sign-in/attempts.ts`: of the name only so much that names can be told apart. */
  name_hash: string
  /** Made by `sign-in/secret.ts`. */
  browser_hash: string
  network: string
  at: number
  /** Until when it counts, or until when a success makes the browser and the network known. */
  expires_at: number
  /** `asked` until the server has answered, or for good if the process has died. */
  outcome: 'asked' | 'accepted' | 'refused'
}

/** A bearer key of the HTTP API. */
export interface ApiKeyTable {
  key_id: string
  name: string
  /** SHA-256 of the key. */
  key_hash: string
  /** What a program understands that knows no others. */
  scope: 'read' | 'write'
  /** All of them, with a blank between; null: `scope` alone. */
  scopes: string | null
  /** JSON: a list of domains; null: all. */
  domains: string | null
  created_at: number
  used_at: number | null
  revoked_at: number | null
}

/** A reader's request for another destination of the digests, until it is confirmed at the current destination. */
export interface DestinationTable {
  request_id: string
  reader: string
  deliver_to: string
  /** The destination at the time of the request. */
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
  /** The domain of the reader. */
  domain: string
  page: 'release' | 'digest' | 'preferences' | 'canary'
  method: string
  /** Milliseconds since the digest was delivered. */
  after_ms: number | null
}

/** What a directory has last answered about an address. */
export interface AnswerTable {
  /** In the form of `readerAddress`. */
  address: string
  /** Which directory said so; the answers of another one do not count. */
  source: string
  /** JSON: an `Answer` of `directory/directory.ts`. */
  answer: string
  asked_at: number
}

/** A held message that was deleted with us for its recipient (`msgrcpt.rs` = D), so that it can be restored. */
export interface DeletionTable {
  /** As in `digest_item`. */
  held_id: string
  /** `msgrcpt.rs` before that; a blank for a message that nobody had touched. */
  former: string
  actor_kind: 'reader' | 'admin' | 'program'
  actor: string
  deleted_at: number
}

/** Several held messages that somebody releases or deletes at once. */
export interface BulkTable {
  bulk_id: string
  act: 'release' | 'delete'
  /** A hash of who began it: only they see it. */
  owner: string
  /** JSON: the viewer who began it, with the rights they had. */
  viewer: string
  /** Whether the second, explicit confirmation was given. */
  confirmed: number
  /** Whether more messages matched than are in it. */
  is_cut: number
  created_at: number
  finished_at: number | null
  /** The process that works on it now. */
  lease_owner: string | null
  lease_until: number | null
}

/** One message for one recipient in such a list. */
export interface BulkRowTable {
  bulk_id: string
  /** From 0, in the order in which they are done. */
  position: number
  /** `TAG.MAIL_ID.RSEQNUM`. */
  ref: string
  /** As in `digest_item`; null for what the viewer may not see, or what is not there. */
  held_id: string | null
  recipient: string
  subject: string
  /** `waiting` until it is done; then the outcome. */
  status: string
  /** An ErrorCode, where that says why. */
  code: string | null
}

/** A held message for one recipient that readers have asked for, and what admins decided. */
export interface RequestTable {
  request_id: string
  /** `held_id` while nobody has decided, so that a message has one open request at most; then null. */
  open_held_id: string | null
  /** As in `digest_item`. */
  held_id: string
  partition_tag: number
  mail_id: string
  rseqnum: number
  /** In amavis's own spelling. */
  recipient: string
  /** Of the recipient, as A-labels in lower case: whose admins decide. */
  domain: string
  content: string
  /** `msgs.time_num`, in milliseconds. */
  mail_at: number
  /** A `RequestState` of `work/requests/request.ts`. */
  state: string
  asked_at: number
  expires_at: number
  /** Who approved first, where two have to. */
  first_by: string | null
  first_at: number | null
  decided_by: string | null
  decided_at: number | null
  /** What the admin says to the readers. */
  note: string | null
  /** 1 once `msgrcpt.rs` says the same: p while it waits, no longer p afterwards. */
  marked: number
  /** When it is looked at next: to mark or to release the message, or to tell its readers; null: nothing is left to do. */
  next_at: number | null
  /** Grows with each change, which names the one that it has seen. */
  version: number
}

/** One of the readers who have asked for the same message. */
export interface RequestReaderTable {
  request_id: string
  reader: string
  /** The item by which it is released for this reader. */
  item_id: string
  asked_at: number
  /** What this reader was told by mail last: one of the `Tidings` of `work/requests/tidings.ts`; null: nothing. */
  told: string | null
}

/** What the filter was told about a held message. The last word counts. */
export interface LessonTable {
  held_id: string
  verdict: 'spam' | 'notSpam'
  actor: string
  at: number
  state: 'asked' | 'taught' | 'failed'
}
