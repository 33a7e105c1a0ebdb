import type { HeldMail } from '../../ground/amavis/held-mail.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { readMailboxes } from '../../ground/display/mailboxes.ts'

/**
 * The address of a message of which an entry is made: that of its From field, which stays the same from mail to mail,
 * and which its reader sees. A newsletter's envelope has another one each time. Without one certain address there, the
 * envelope's counts.
 *
 * @returns in the form of `readerAddress`; undefined for a bounce without a From, and where no address can be written
 */
export function senderOf({ from, sender }: Pick<HeldMail, 'from' | 'sender'>): string | undefined {
  const mailboxes = readMailboxes(from, sender)
  const [mailbox] = mailboxes
  const address = mailboxes.length === 1 && mailbox ? readerAddress(mailbox.address) : undefined
  return address ?? readerAddress(sender)
}
