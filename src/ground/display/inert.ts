/**
 * Text from a mail, prepared for HTML so that no mail program turns any of it into a link. A zero-width non-joiner is
 * put on both sides of each dot, colon, slash and at-sign of what could be a URL, domain or address, and in the middle
 * of each telephone number.
 *
 * Gmail, Outlook and Apple Mail link URLs, bare domains, addresses and telephone numbers wherever they see them, even
 * across element borders, so markup alone does not stop them. A content filter would also look up the domains of other
 * people's spam in its block lists and blame our mail for them. The zero-width non-joiner prevents both. It has a
 * (zero-width) glyph in every font, and it is not allowed in host names, so even a link made in spite of it leads
 * nowhere. SpamAssassin penalises repeated ones between letters or digits (UNICODE_OBFU_ZW); here that happens only
 * once, in a telephone number.
 */
export function inertForHtml(text: string): string {
  if (!mayBecomeLink(text)) return text
  const unlinked = text.replace(/\S+/g, word =>
    LINKABLE.test(word) ? word.replace(JOINTS, `${BREAK}$&${BREAK}`) : word,
  )
  if (!NUMBER.test(unlinked)) return unlinked
  return unlinked.replace(LONG_NUMBER, breakInTheMiddle).replace(TELEPHONE, breakInTheMiddle)
}

/** A quick look, because most subjects hold nothing of the kind. */
export const mayBecomeLink = (text: string): boolean => JOINED.test(text)

/**
 * The same for the plain text part, where the breaks are visible ("shop[.]example", "https[:]//"). People who read
 * plain text do so in terminals, which show invisible characters, and they copy from it.
 */
export const inertForText = (text: string): string => text.replace(SCHEMES, '[:]').replace(DOTS, '[.]')

const BREAK = '\u200C'

const JOINED = /[.:/\\@\uFF0E\u3002\uFF61\uFE52\u2024]|\d(?:[ ()\u00A0-]{0,3}\d){6}/

/** Telephones take seven or more digits for a number. */
const NUMBER = /\d(?:[ ()\u00A0./-]{0,3}\d){6}/

/** Includes the characters that IDNA treats as dots (RFC 3490, section 3.1), and two that look like one. */
const JOINTS = /(?<=\S)[.:/\\@\uFF0E\u3002\uFF61\uFE52\u2024](?=\S)/g

/**
 * A word that holds what could be a URL, a domain, an address, a path of Windows or an IP address. "10:30", "12.50",
 * "and/or" and "U.S.A." do not.
 */
const LINKABLE =
  /\S@\S|\\|\/\/|:\/|(?:www\d{0,2}|ftp)\.\S|\b(?:mailto|tel|sms|callto|facetime|skype|sip|xmpp|file|data|javascript):\S|\S[.\uFF0E\u3002\uFF61\uFE52\u2024](?!\d+(?![\p{L}\p{N}-]))[\p{L}\p{N}-]{2}|\d{1,3}(?:\.\d{1,3}){3}/iu

const LONG_NUMBER = /\d{7,}/g
const TELEPHONE = /\+?\d(?:[ ()\u00A0./-]{0,3}\d){6,14}/g

const breakInTheMiddle = (number: string): string => {
  const middle = Math.ceil(number.length / 2)
  return number.slice(0, middle) + BREAK + number.slice(middle)
}

const SCHEMES =
  /:(?=\/\/)|(?<=\b(?:mailto|tel|sms|callto|facetime|skype|sip|xmpp|file|data|javascript)):(?=\S)/gi

/**
 * Dots before a label of two or more characters that is not a number ("example.com", but not "U.S.A." or "12.50"), and
 * all dots after "www" or "ftp".
 */
const DOTS =
  /(?<=(?:www\d{0,2}|ftp))\.(?=\S)|(?<=[\p{L}\p{N}_-])[.\uFF0E\u3002\uFF61\uFE52\u2024](?=[\p{L}\p{N}-]{2})(?!\d+(?![\p{L}\p{N}-]))/giu
