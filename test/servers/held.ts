import type { Storage } from './storage.ts'
import { type Patience, waitUntil } from './wait.ts'

/** One row of `msgrcpt` with its message and its recipient: what amavisd wrote, read without this program's code. */
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

/** Waits until amavisd has finished with a message that fits, and returns its rows that do. */
export const waitForHeld = (
  storage: Storage,
  fits: (row: HeldRow) => boolean,
  patience?: Patience,
): Promise<[HeldRow, ...HeldRow[]]> =>
  waitUntil(
    'a held message',
    async () => {
      const [first, ...more] = (await heldRows(storage)).filter(fits)
      return first && ([first, ...more] as [HeldRow, ...HeldRow[]])
    },
    patience,
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
