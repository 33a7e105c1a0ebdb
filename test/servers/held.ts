import type { Storage } from './storage.ts'
import { type WaitOptions, waitUntil } from './wait.ts'

/** One row of `msgrcpt` with its message and its recipient, as amavisd wrote it; read without this program's code. */
export interface HeldRow {
  readonly partition_tag: number
  readonly mail_id: string
  readonly secret_id: string
  readonly rseqnum: number
  readonly email: string
  readonly content: string
  readonly ds: string
  readonly rs: string
  readonly is_local: string
  readonly quar_type: string
  readonly quar_loc: string | null
  readonly message_id: string
  readonly subject: string
}

/** Waits until amavisd has finished with a message with matching rows, and returns these rows. */
export const waitForHeld = (
  storage: Storage,
  matches: (row: HeldRow) => boolean,
  options?: WaitOptions,
): Promise<[HeldRow, ...HeldRow[]]> =>
  waitUntil(
    'a held message',
    async () => {
      const [first, ...more] = (await heldRows(storage)).filter(matches)
      return first && ([first, ...more] as [HeldRow, ...HeldRow[]])
    },
    options,
  )

/** Everything that amavisd has written, oldest first. */
export const heldRows = (storage: Storage): Promise<HeldRow[]> =>
  storage.query<HeldRow>(`
    SELECT r.partition_tag, r.mail_id, m.secret_id, r.rseqnum, a.email, r.content, r.ds, r.rs, r.is_local,
           m.quar_type, m.quar_loc, m.message_id, m.subject
    FROM msgs m
    JOIN msgrcpt r ON r.partition_tag = m.partition_tag AND r.mail_id = m.mail_id
    JOIN maddr a ON a.id = r.rid
    WHERE m.content IS NOT NULL
    ORDER BY m.time_num, r.mail_id, r.rseqnum`)
