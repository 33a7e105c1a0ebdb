import type { ListedMessage } from '../../../../desks/admin/digests/find-digest.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { mailModelOf } from '../../pages/page-mail.ts'
import type { Writer } from './admin-pages.ts'

/** Messages as rows of a table: every string of them is a stranger's, and cleaned. */
export const mailRows = (messages: readonly ListedMessage[], writer: Writer): object[] =>
  messages.map(message => ({
    mail: message.mail && mailModelOf(message.mail, writer.words, writer.place),
    recipient: displayAddress(message.recipient, 255),
    received: writer.time(message.receivedAt),
    release: message.release && releaseBadge(message.release.state, writer),
    mailId: displayText(message.mailId, 64),
  }))

/** How a release went, in a word and its mood. */
export const releaseBadge = (state: string, { words }: Writer): object => ({
  label: words.say(`admin.release.${state}`),
  mood: RELEASE_MOODS[state] ?? '',
})

const RELEASE_MOODS: Readonly<Record<string, string>> = {
  released: 'good',
  failed: 'bad',
  uncertain: 'bad',
  queued: 'wait',
  releasing: 'wait',
}

/** The state of a digest, in a word and its mood. */
export const digestBadge = (state: string, { words }: Writer): object => ({
  label: words.say(`admin.digest.${state}`),
  mood: DIGEST_MOODS[state] ?? '',
})

const DIGEST_MOODS: Readonly<Record<string, string>> = { sent: 'good', failed: 'bad', pending: 'wait' }
