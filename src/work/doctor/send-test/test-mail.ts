import { testMessageId } from '../../../ground/mail/message-id.ts'

export interface TestMail {
  /** As it stands in the header. */
  readonly messageId: string
  readonly message: Buffer
}

/**
 * A mail that says what it is, and that every SpamAssassin takes for spam.
 *
 * @param id as `newId` makes it
 */
export function testMail(id: string, from: string, to: string, now: number): TestMail {
  const messageId = testMessageId(id, from.slice(from.lastIndexOf('@') + 1))
  const lines = [
    `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`,
    `From: <${from}>`,
    `To: <${to}>`,
    'Subject: Test of the mail quarantine',
    `Message-ID: ${messageId}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This is a test that your mail administrator has made: amavis-digest doctor --send-test.',
    'It was held back in the quarantine and released from there at once.',
    'You can delete it. The line below makes spam filters take it for spam.',
    '',
    GTUBE,
    '',
  ]
  return { messageId, message: Buffer.from(lines.join('\r\n')) }
}

/** SpamAssassin's test string, worth a thousand points. In two parts, so that this file is not taken for spam. */
const GTUBE = `XJS*C4JDBQADN1.NSBN3*2IDNEN*${'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'}`
