import type { Response } from 'express'

/**
 * The headers under which the HTML of a message is sent, whether it is framed by its page or opened by itself. It runs
 * no script, fetches nothing, sends no form, and has an origin of its own (CSP 3, `sandbox`).
 */
export function sendMessageHtml(response: Response, html: string): void {
  response
    .set({
      'Content-Security-Policy': MESSAGE_HTML_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'SAMEORIGIN',
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    })
    .type('html')
    .send(html)
}

export const MESSAGE_HTML_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

/** Sends something of a message that a browser is only to keep as a file. */
export function sendFile(response: Response, { name, content }: MessageFile): void {
  response
    .set({
      ...OPENED_BY_NOBODY,
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': attachmentNamed(name),
    })
    .send(content)
}

export interface MessageFile {
  /** As the message gives it: a stranger's string. */
  readonly name: string
  readonly content: Buffer
}

/** Sends the headers or the source of a message to be looked at. Octets that are no UTF-8 are shown as such. */
export function sendPlainText(response: Response, text: string | Buffer): void {
  response
    .set({ ...OPENED_BY_NOBODY, 'Content-Type': 'text/plain; charset=utf-8' })
    .send(Buffer.from(typeof text === 'string' ? text.toWellFormed() : text))
}

const OPENED_BY_NOBODY = {
  'Content-Security-Policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
}

/**
 * The header field for a file of this name: in ASCII for old programs, and whole as RFC 8187 encodes it. Source:
 * RFC 6266, appendix D.
 */
export function attachmentNamed(name: string): string {
  const whole = fileName(name)
  const ascii = whole.replace(/[^ !#$&'()+,.0-9;=@A-Z[\]^_`a-z{}~-]/g, '_')
  return `attachment; filename="${ascii}"; filename*=UTF-8''${percentEncoded(whole)}`
}

/** Without folders, controls and what Windows refuses; the ending, which says what the file is, is kept. */
function fileName(name: string): string {
  const kept = name
    .toWellFormed()
    .replace(NOT_IN_FILE_NAMES, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '')
  const characters = [...kept]
  if (characters.length <= LONGEST_NAME) return kept || 'attachment'
  const ending = /\.[^.]{1,16}$/u.exec(kept)?.[0] ?? ''
  return characters.slice(0, LONGEST_NAME - [...ending].length).join('') + ending
}

/** Bidi controls could show the ending in the middle of the name. */
const NOT_IN_FILE_NAMES = /[/\\:*?"<>|\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Of 255 octets that a file system allows, letters may take three each. */
const LONGEST_NAME = 80

/** RFC 8187, section 3.2.1: only `attr-char` stays as it is. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /['()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/**
 * Lets one of our own pages frame what we serve, or ask our own server by its script, and nothing else.
 *
 * @param sources such as `frame-src 'self'`
 */
export function allowOnPage(response: Response, ...sources: readonly string[]): void {
  const policy = response.getHeader('Content-Security-Policy')
  response.set('Content-Security-Policy', [policy, ...sources].join(';'))
}
