/**
 * Text from a mail, prepared for HTML so that no mail program turns any of it into a link. A zero-width non-joiner is
 * put on both sides of each dot, colon, slash and at-sign between two characters, and in the middle of each telephone
 * number.
 *
 * Gmail, Outlook and Apple Mail link URLs, bare domains, addresses and telephone numbers wherever they see them, even
 * across element borders, so markup alone does not stop them. A content filter would also look up the domains of other
 * people's spam in its block lists and blame our mail for them. The zero-width non-joiner prevents both. It has a
 * (zero-width) glyph in every font, and it is not allowed in host names, so even a link made in spite of it leads
 * nowhere. SpamAssassin penalises repeated ones between letters or digits (UNICODE_OBFU_ZW); here that happens only
 * once, in a telephone number.
 */
export function inertForHtml(text: string): string {
  if (!JOINED.test(text)) return text
  const unlinked = text.replace(JOINTS, `${BREAK}$&${BREAK}`)
  if (!NUMBER.test(unlinked)) return unlinked
  return unlinked.replace(LONG_NUMBER, breakInTheMiddle).replace(TELEPHONE, breakInTheMiddle)
}

/**
 * The same for the plain text part, where the breaks are visible ("shop[.]example", "https[:]//"). People who read
 * plain text do so in terminals, which show invisible characters, and they copy from it.
 */
export const inertForText = (text: string): string => text.replace(SCHEMES, '[:]').replace(DOTS, '[.]')

/**
 * Breaks up words with invisible word joiners, so that a content filter does not recognise them; only in scripts that
 * tolerate it. A digest that quoted the subjects of spam literally would itself be held as spam: a stock SpamAssassin
 * gives 11 points to a list of a dozen (drugs, lotteries, GTUBE). Not for addresses, because readers copy them.
 */
export const breakUpWords = (text: string): string =>
  text.replace(WORD, word => word.replace(PIECE, `$&${JOINER}`)).replace(GROUPED_DIGITS, `$&${JOINER}`)

const BREAK = '\u200C'

/** A quick check, because most subjects match nothing. */
const JOINED = /[.:/\\@\uFF0E\u3002\uFF61\uFE52\u2024]|\d\D{0,3}\d/

/** Two digits near each other: only these can be a telephone number. */
const NUMBER = /\d\D{0,3}\d/

/** Includes the characters that IDNA treats as dots (RFC 3490, section 3.1), and two that look like one. */
const JOINTS = /(?<=\S)[.:/\\@\uFF0E\u3002\uFF61\uFE52\u2024](?=\S)/g

/** Telephones take seven or more digits for a number. */
const LONG_NUMBER = /\d{7,}/g
const TELEPHONE = /\+?\d(?:[ ()\u00A0-]{0,3}\d){6,14}/g

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

/**
 * SpamAssassin counts other zero-width characters within words (UNICODE_OBFU_ZW_MANY), but not this one. There are two
 * of them, because its rules for heavily obfuscated words tolerate three octets between letters (DRUGS_ERECTILE_OBFU).
 */
const JOINER = '\u2060\u2060'

/** Only scripts whose letters do not join: in Arabic or Devanagari the character would change how a word looks. */
const WORD = /[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}\p{Nd}]{4,}/gu

const PIECE = /^.{3}|(?<!^).{5}(?=.)/gu

/** "5,000,000" */
const GROUPED_DIGITS = /(?<=\d)[,'](?=\d)/g
