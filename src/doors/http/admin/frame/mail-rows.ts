import type { ListedMessage } from '../../../../desks/admin/digests/find-digest.ts'
import type { HeldMailState } from '../../../../ground/amavis/held-mail.ts'
import { readerAddress } from '../../../../ground/directory/reader-address.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { type Reach, reaches } from '../../../../rules/reach/reach.ts'
import { heldRefOf } from '../../../../work/collect/held-ref.ts'
import { mailModelOf } from '../../pages/page-mail.ts'
import type { Writer } from '../../web/writer.ts'
import { releaseBadge } from './badges.ts'
import { breakable } from './breakable.ts'

/**
 * Messages as rows of a table. Their strings come from strangers, so each is made safe to display.
 *
 * @param reach of the admin who looks at them
 */
export const mailRows = (messages: readonly ListedMessage[], reach: Reach, writer: Writer): object[] =>
  messages.map(message => ({
    mail: message.mail && mailModelOf(message.mail, writer.words, writer.place),
    heldUrl: heldUrlOf(message, reach, writer),
    recipient: displayAddress(message.recipient, 255),
    recipientParts: breakable(displayAddress(message.recipient, 255)),
    received: writer.time(message.receivedAt),
    release: message.release && releaseBadge(message.release.state, writer),
    mailId: displayText(message.mailId, 64),
  }))

/** The page of the message, where this admin has one: what left the quarantine has none, nor has an alias elsewhere. */
function heldUrlOf({ mail, recipient }: ListedMessage, reach: Reach, writer: Writer): string | undefined {
  if (!mail || !HAS_PAGE.has(mail.state) || !reaches(reach, readerAddress(recipient) ?? '')) return undefined
  return writer.url(`/admin/held/${encodeURIComponent(heldRefOf(mail))}`)
}

const HAS_PAGE: ReadonlySet<HeldMailState> = new Set(['held', 'pending', 'released'])
