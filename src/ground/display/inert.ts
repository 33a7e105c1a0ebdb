/**
 * Text from a mail in which no mail program finds anything to turn into a link, for HTML: a zero-width non-joiner
 * stands on both sides of each dot, colon, slash and at-sign that joins two characters, and in the middle of each
 * telephone number.
 *
 * Gmail, Outlook and Apple Mail link URLs, bare domains, addresses and telephone numbers wherever they see them, across
 * element borders too, so that markup alone does not stop them; and a content filter would look up the domains of
 * other people's spam in its block lists, with our mail as their bearer. This character breaks both, has a
 * (zero-width) glyph in every font, and host names cannot hold it: even a link made in spite of it leads nowhere.
 * SpamAssassin punishes it where letters and digits stand on both its sides, repeatedly (UNICODE_OBFU_ZW): here it
 * does so once in a telephone number only.
 */
export function inertForHtml(text: string): string {
  if (!JOINED.test(text)) return text
  return text
    .replace(JOINTS, `${BREAK}$&${BREAK}`)
    .replace(LONG_NUMBER, brokenInTheMiddle)
    .replace(TELEPHONE, brokenInTheMiddle)
}

/**
 * The same for the plain text part, where the break is visible ("shop[.]example", "https[:]//"): people who read
 * plain text read it in terminals that show invisible characters, and copy from it.
 */
export const inertForText = (text: string): string => text.replace(SCHEMES, '[:]').replace(DOTS, '[.]')

/**
 * Words in which a content filter does not find what it looks for: invisible word joiners stand in each word of the
 * scripts that can bear it. A digest quotes the subjects of spam, and a digest that quotes them as they are is itself
 * held as spam: a stock SpamAssassin gives 11 points to a list of a dozen (drugs, lotteries, GTUBE). Not for
 * addresses, which readers copy.
 */
export const breakUpWords = (text: string): string =>
  text.replace(WORD, word => word.replace(PIECE, `$&${JOINER}`)).replace(GROUPED_DIGITS, `$&${JOINER}`)

const BREAK = '\u200C'

/** A quick look, since most subjects hold none of it. */
const JOINED = /[.:/\\@\uFF0E\u3002\uFF61\uFE52\u2024]|\d\D{0,3}\d/

/** With the dots that IDNA takes for a dot (RFC 3490, 3.1), and two that look like one. */
const JOINTS = /(?<=\S)[.:/\\@\uFF0E\u3002\uFF61\uFE52\u2024](?=\S)/g

/** Seven digits are the least that telephones take for a number. */
const LONG_NUMBER = /\d{7,}/g
const TELEPHONE = /\+?\d(?:[ ()\u00A0-]{0,3}\d){6,14}/g

const brokenInTheMiddle = (number: string): string => {
  const middle = Math.ceil(number.length / 2)
  return number.slice(0, middle) + BREAK + number.slice(middle)
}

const SCHEMES =
  /:(?=\/\/)|(?<=\b(?:mailto|tel|sms|callto|facetime|skype|sip|xmpp|file|data|javascript)):(?=\S)/gi

/**
 * Before a label of two characters or more that is not a number: "example.com", but not "U.S.A." nor "12.50"; and
 * after "www" or "ftp", whatever follows.
 */
const DOTS =
  /(?<=(?:www\d{0,2}|ftp))\.(?=\S)|(?<=[\p{L}\p{N}_-])[.\uFF0E\u3002\uFF61\uFE52\u2024](?=[\p{L}\p{N}-]{2})(?!\d+(?![\p{L}\p{N}-]))/giu

/**
 * Not one of the zero-width characters that SpamAssassin counts within words (UNICODE_OBFU_ZW_MANY), and two of them:
 * its rules for the most obfuscated words bear three octets between letters (DRUGS_ERECTILE_OBFU).
 */
const JOINER = '\u2060\u2060'

/** Scripts whose letters do not join: in Arabic or Devanagari the character would change how a word is written. */
const WORD = /[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}\p{Nd}]{4,}/gu

const PIECE = /^.{3}|(?<!^).{5}(?=.)/gu

/** "5,000,000" */
const GROUPED_DIGITS = /(?<=\d)[,'](?=\d)/g
