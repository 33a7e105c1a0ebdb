/**
 * HTML with a reference in place of each character above ASCII, which means the same. ASCII travels in a mail as it is.
 *
 * The result is put together letter by letter: V8 then keeps it in one octet a letter, and with it the whole page. What
 * replace() makes of a text in wide characters stays wide.
 *
 * SpamAssassin holds it against a mail when ten references follow each other (URI_DOTEDU_ENTITY), or when many elements
 * hold a single one (HTML_SINGLET_MANY). Texts that would do so stay as they are: most in other scripts than Latin.
 */
export function inAscii(html: string): string {
  if (!ABOVE_ASCII.test(html) || HELD_AGAINST_US.test(html)) return html
  let ascii = ''
  for (const character of html) ascii += ABOVE_ASCII.test(character) ? reference(character) : character
  return ascii
}

/**
 * The source of a Handlebars template in ASCII, in lines that are short enough for a mail. They end where HTML and CSS
 * allow white space: before an attribute `style`, and before the end of a rule of CSS.
 */
export const sourceInAscii = (source: string): string =>
  source.replace(PIECE, piece => {
    if (piece.startsWith('{{')) return piece
    if (piece.startsWith('<')) return piece.replace(PIECE_OF_CSS, part => (part === '}' ? '\r\n}' : part))
    return piece === ' ' ? '\r\n' : reference(piece)
  })

const reference = (character: string): string => `&#${character.codePointAt(0)};`

/** HTML takes a reference to U+0080 to U+009F for another character. */
const ABOVE_ASCII = /[\u00a0-\uffff]/

const HELD_AGAINST_US = /^\s*[\u00a0-\u{10ffff}]\s*$|(?:(?:[\u00a0-\u{10ffff}]|&[a-z\d#]+;)\s*){10}/u

/** An expression of Handlebars. */
const EXPRESSION = String.raw`\{\{!--.*?--~?\}\}|\{\{\{.*?\}\}\}|\{\{(?:"[^"]*"|'[^']*'|[^}"'])*\}\}|\{\{.*?\}\}`

/** An expression, where a reference would be escaped; CSS, which knows no references; a blank before an attribute. */
const PIECE = new RegExp(
  String.raw`${EXPRESSION}|<(?:style|STYLE)\b.*?</(?:style|STYLE)>| (?=style=")|[\u00a0-\u{10ffff}]`,
  'gsu',
)

/** A line that began after the brace might begin with a dot, which SMTP doubles. */
const PIECE_OF_CSS = new RegExp(String.raw`${EXPRESSION}|"[^"]*"|'[^']*'|\}`, 'gs')
