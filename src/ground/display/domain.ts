import { domainToASCII, domainToUnicode } from 'node:url'
import { displayText } from './text.ts'

/**
 * A domain in a form that cannot deceive. It is shown in its own letters if each label is written in one script and
 * does not consist of letters that look Latin; otherwise as in DNS (`xn--…`). Modelled on Chrome's policy for host
 * names (docs/idn.md of Chromium), but stricter, because we have no list of well-known names to compare with.
 */
export function displayDomain(domain: string): string {
  const lower = displayText(domain, MAX_DOMAIN).toLowerCase().replace(/\.$/, '')
  if (PLAIN.test(lower) && !lower.includes('xn--')) return lower
  const ascii = domainToASCII(lower)
  if (ascii === '') return lower.replace(/[^!-~]+/g, '\uFFFD')
  const letters = domainToUnicode(ascii)
  const topLabel = letters.slice(letters.lastIndexOf('.') + 1)
  return letters.split('.').every(label => isHonest(label, topLabel)) ? letters : ascii
}

/** RFC 1035, section 2.3.4: 255 octets. */
const MAX_DOMAIN = 255

const PLAIN = /^[!-~]*$/

function isHonest(label: string, topLabel: string): boolean {
  if (/^[a-z0-9_-]*$/.test(label)) return !label.startsWith('xn--')
  if (WELL_KNOWN_LATIN.test(label)) return true
  const script = SCRIPTS.find(candidate => candidate.written.test(label))
  if (!script) return false
  return !isAscii(topLabel) || !script.looksLatin?.test(label)
}

/**
 * Latin letters of European languages whose marks are visible at reading size: Latin-1 and Latin Extended-A, without
 * the dotless i, letters with a dot or stroke inside and the long s, but with the Romanian comma letters.
 */
const WELL_KNOWN_LATIN = /^[a-z0-9ß-öø-ÿā-ďē-ĥĩīĭįĵķĺļľńņňōŏőœŕŗřśŝşšţťũūŭůűųŵŷźżžșț-]+$/

const isAscii = (label: string): boolean => PLAIN.test(label)

interface Script {
  /** Matches a label written in this script only. Digits and hyphens belong to every script. */
  readonly written: RegExp
  /** Matches a label of only letters that look Latin ("аррӏе"); it counts below a Latin top-level domain. */
  readonly looksLatin?: RegExp
}

const SCRIPTS: readonly Script[] = [
  {
    written: /^[\u0430-\u044F\u0450-\u045F\u0491\u04AF\u04B1\u04D9\u04E9\u0493\u049B\u04A3\u04BB0-9-]+$/,
    looksLatin: /^[авеһіјкӏмнорсԁѕтухьԛԝгпъ0-9-]+$/,
  },
  {
    written: /^[\u03AC-\u03CE\u03900-9-]+$/,
    looksLatin: /^[αβγεηικνορτυχωό0-9-]+$/,
  },
  {
    written: /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー0-9-]+$/u,
    looksLatin: /^[一二三口工ニハエロノー0-9-]{1,2}$/,
  },
  { written: /^[\p{sc=Hangul}\p{sc=Han}0-9-]+$/u },
  { written: /^[\u0620-\u064A\u0671-\u06D30-9-]+$/ },
  { written: /^[\u05D0-\u05EA0-9-]+$/, looksLatin: /^[וטןסח0-9-]+$/ },
  { written: /^[\p{sc=Devanagari}0-9-]+$/u },
  { written: /^[\u0E01-\u0E3A\u0E40-\u0E4E0-9-]+$/ },
]
