import type { ListedMessage } from '../../../../desks/admin/digests/find-digest.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { mailModelOf } from '../../pages/page-mail.ts'
import type { Writer } from '../../web/writer.ts'
import { releaseBadge } from './badges.ts'
import { breakable } from './breakable.ts'

/** Messages as rows of a table. Their strings come from strangers, so each is made safe to display. */
export const mailRows = (messages: readonly ListedMessage[], writer: Writer): object[] =>
  messages.map(message => ({
    mail: message.mail && mailModelOf(message.mail, writer.words, writer.place),
    recipient: displayAddress(message.recipient, 255),
    recipientParts: breakable(displayAddress(message.recipient, 255)),
    received: writer.time(message.receivedAt),
    release: message.release && releaseBadge(message.release.state, writer),
    mailId: displayText(message.mailId, 64),
  }))
