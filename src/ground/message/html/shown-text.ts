import { withoutC1Controls } from '../../charsets/c1-controls.ts'
import { linkHost, showsHost } from './link-host.ts'

export interface ShownText {
  readonly text: string
  readonly isCut: boolean
}

/**
 * Text of many lines, safe to show as text: without control, bidi and invisible characters and lone surrogates, and with
 * the host behind each URL that shows another (`https://bank.example@evil.example`). The caller must escape it for HTML.
 *
 * @param most characters; what follows is cut off
 */
export function shownText(raw: string, most: number): ShownText {
  // What is taken out may be more than what stays.
  const text = withRealHosts(visible(raw.slice(0, 4 * most)))
  return text.length <= most && raw.length <= 4 * most
    ? { text, isCut: false }
    : { text: text.slice(0, most).toWellFormed().trimEnd(), isCut: true }
}

/** A text without what is not to be seen. */
export const visible = (raw: string): string =>
  withoutC1Controls(raw)
    .replace(LINE_ENDS, '\n')
    .replace(INVISIBLE, '')
    .replace(STACKED_MARKS, '$1')
    .replace(BLANKS_AT_END, '\n')
    .replace(EMPTY_LINES, '\n\n\n')
    .toWellFormed()
    .trim()

const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g

/** All but tab and line feed; a joiner and a non-joiner stay, which many scripts need. */
const INVISIBLE =
  /[[\p{Cc}\p{Cf}\p{Noncharacter_Code_Point}\u115F\u1160\u3164\uFFA0]--[\t\n\u200C\u200D\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}]]/gv

const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu
const BLANKS_AT_END = /[ \t\u00A0]+\n/g
const EMPTY_LINES = /\n{4,}/g

function withRealHosts(text: string): string {
  return text.replace(URLS, url => {
    const host = linkHost(url)
    return host === undefined || showsHost(url, host) ? url : `${url} [${host}]`
  })
}

const URLS = /\bhttps?:\/\/[^\s<>"]{1,2000}/gi
