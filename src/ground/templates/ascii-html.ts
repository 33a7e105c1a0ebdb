/**
 * HTML with a reference in place of each character above ASCII, which means the same. ASCII travels in a mail as it is,
 * and V8 keeps it in half the space, if no part of it was ever cut out of a text in wide characters.
 */
export function inAscii(html: string): string {
  if (!ABOVE_ASCII.test(html)) return html
  let ascii = ''
  for (const character of html) ascii += ABOVE_ASCII.test(character) ? reference(character) : character
  return ascii
}

/**
 * The source of a Handlebars template in ASCII, in lines that are short enough for a mail. They end where HTML and CSS
 * allow white space.
 */
export const sourceInAscii = (source: string): string =>
  source.replace(PIECE, piece => {
    if (piece.startsWith('{{')) return piece
    if (piece.startsWith('<style')) return piece.replace(END_OF_RULE, '\r\n}')
    return piece === ' ' ? '\r\n' : reference(piece)
  })

const reference = (character: string): string => `&#${character.codePointAt(0)};`

/** HTML takes a reference to U+0080 to U+009F for another character. */
const ABOVE_ASCII = /[\u00a0-\uffff]/

/** An expression, where a reference would be escaped; CSS, which knows no references; a blank before an attribute. */
const PIECE = /\{\{.*?\}\}|<style\b.*?<\/style>| (?=style=")|[\u00a0-\u{10ffff}]/gsu

/** A line that began after it might begin with a dot, which SMTP doubles. */
const END_OF_RULE = /(?<!\})\}/g
