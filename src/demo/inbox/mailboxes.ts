import { isUtf8 } from 'node:buffer'
import PostalMime from 'postal-mime'

/** A mail that the catcher accepted for one mailbox. */
export interface ReceivedMail {
  /** Counted up from 1: a later mail has a higher id. */
  readonly id: number
  /** The mailbox: the envelope recipient. */
  readonly to: string
  /** Envelope sender; empty for a bounce. */
  readonly sender: string
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  /** The From header field: a name if it has one, and the address. */
  readonly from: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly messageId: string
  /** Whether it came out of the quarantine: amavisd adds Resent-From to the mail that it releases. */
  readonly released: boolean
  readonly attachments: readonly string[]
  readonly html: string | undefined
  readonly text: string | undefined
  readonly raw: Buffer
}

export interface Mailboxes {
  /** Keeps one mail for each recipient of its envelope. */
  receive(envelope: Envelope, raw: Buffer, receivedAt: number): Promise<void>
  /** Newest first. */
  list(): readonly ReceivedMail[]
  find(id: number): ReceivedMail | undefined
}

export interface Envelope {
  readonly sender: string
  readonly recipients: readonly string[]
}

/** Received mail, in memory. Beyond `capacity` the oldest mail is dropped. */
export function createMailboxes(capacity = 500): Mailboxes {
  const mails: ReceivedMail[] = []
  let lastId = 0
  return {
    async receive(envelope, raw, receivedAt) {
      const content = await readContent(raw)
      for (const to of envelope.recipients) {
        lastId += 1
        mails.unshift({ id: lastId, to, sender: envelope.sender, receivedAt, raw, ...content })
      }
      mails.splice(capacity)
    },
    list: () => mails,
    find: id => mails.find(mail => mail.id === id),
  }
}

async function readContent(raw: Buffer) {
  const mail = await PostalMime.parse(withReadableHeader(raw))
  return {
    from: { name: mail.from?.name ?? '', address: mail.from?.address ?? '' },
    subject: mail.subject ?? '',
    messageId: mail.messageId ?? '',
    released: mail.headers.some(header => header.key === 'resent-from'),
    attachments: mail.attachments.map(attachment => attachment.filename ?? attachment.mimeType),
    html: mail.html,
    text: mail.text,
  }
}

/** Eight-bit header fields that are not UTF-8 are read as Latin-1, as mail programs do. */
function withReadableHeader(raw: Buffer): Buffer {
  const end = raw.indexOf('\r\n\r\n')
  const header = end < 0 ? raw : raw.subarray(0, end)
  return isUtf8(header)
    ? raw
    : Buffer.concat([Buffer.from(header.toString('latin1')), raw.subarray(header.length)])
}
