import type { HeldMailKey } from '../../ground/amavis/held-mail.ts'
import type { HeldRowsKey } from '../../ground/amavis/quarantine/held-rows.ts'

/** Names a held message for one recipient, or for all of them: `TAG.MAIL_ID.RSEQNUM` or `TAG.MAIL_ID`. */
export type HeldRef = string

export const heldRefOf = ({ partitionTag, mailId, rseqnum }: HeldMailKey): HeldRef =>
  `${partitionTag}.${mailId}.${rseqnum}`

/** The message of a reference, for all of its recipients. */
export const wholeMessageOf = (ref: HeldRef): HeldRef => ref.split('.').slice(0, 2).join('.')

/** Reads a reference as somebody has sent it. @returns undefined for what names no message */
export function parseHeldRef(text: string): (HeldRowsKey & { readonly partitionTag: number }) | undefined {
  const parts = REF.exec(text)?.groups
  if (!parts) return undefined
  const { tag = '', id = '', number } = parts
  const partitionTag = Number(tag)
  const rseqnum = number === undefined ? undefined : Number(number)
  if (Math.abs(partitionTag) > LARGEST || (rseqnum ?? 0) > LARGEST) return undefined
  return { partitionTag, mailId: id, rseqnum }
}

/** PostgreSQL's `integer` holds no more, and refuses a statement that names more. */
const LARGEST = 2 ** 31 - 1

/** Whether a text can be a mail id at all. */
export const isMailId = (text: string): boolean => MAIL_ID.test(text)

const MAIL_ID = /^[\w+-]{1,64}$/

/** A mail id is base64 with `-` and `_` or, before amavisd 2.7, `+` and `-`. */
const REF = /^(?<tag>-?\d{1,10})\.(?<id>[\w+-]{1,64})(?:\.(?<number>\d{1,10}))?$/
