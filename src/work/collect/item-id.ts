import { hash as hashOf } from 'node:crypto'
import type { HeldMailKey } from '../../ground/amavis/held-mail.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'

/** What tells a held message for one recipient from all others. The time does, too: see `heldIdOf`. */
export type HeldKey = HeldMailKey & { readonly timeNum: number }

/**
 * The id that a held message for one recipient has for all of its readers: 120 bits of a hash over the key of its row
 * and its time. It is derived, not random, so that the links in mails already sent lead to the same items after our
 * tables were restored from a backup. The time is included because a partition tag made of the ISO week comes back after
 * a year.
 */
export const heldIdOf = ({ partitionTag, mailId, rseqnum, timeNum }: HeldKey): string =>
  hash(`${partitionTag}\0${mailId}\0${rseqnum}\0${timeNum}`)

/** The id of the item of one reader. The owner of the address to which the message was sent has the id of the message. */
export const itemIdOf = (row: HeldKey & { readonly recipient: string }, reader: string): string =>
  itemIdFor(heldIdOf(row), row.recipient, reader)

/** As `itemIdOf`, given the id of the held message. */
export const itemIdFor = (heldId: string, recipient: string, reader: string): string =>
  readerAddress(recipient) === reader ? heldId : hash(`${heldId}\0${reader}`)

const hash = (text: string): string => hashOf('sha256', text, 'base64url').slice(0, 20)
