import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import { displaySender } from '../../../ground/display/sender.ts'
import { displayText } from '../../../ground/display/text.ts'

/**
 * Whether a message contains every word of a query: in its subject, its sender, its recipient, or in the name of what
 * made it risky. Upper and lower case and accents make no difference.
 *
 * @returns undefined for a query without words, which every message matches
 */
export function matcherOf(find: string): ((mail: HeldMail) => boolean) | undefined {
  const words = plain(find).split(/\s+/).filter(Boolean)
  if (words.length === 0) return undefined
  return mail => {
    const text = searchTextOf(mail)
    return words.every(word => text.includes(word))
  }
}

function searchTextOf(mail: HeldMail): string {
  const { name, address, envelope = '' } = displaySender(mail)
  const { because } = mail
  const what = because.detail === 'named' ? because.name : ''
  return plain([name, address, envelope, displayText(mail.subject, LONGEST), what, mail.recipient].join('\n'))
}

/** The longest subject that amavis stores. */
const LONGEST = 255

/** Upper case first: it makes `SS` of `ß`, and one letter of the two forms of sigma. */
const plain = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase()
