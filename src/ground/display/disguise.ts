import { type Stem, SUSPECT_EVEN_IF_SPACED, SUSPECT_PAIRS, SUSPECT_WORDS } from './suspect-words.ts'

/** Text in which a content filter recognises nothing. */
export interface Disguised {
  /** Looks as it did: suspect words are broken up by an invisible character. */
  readonly html: string
  /** The end of suspect words is left out: "Via…". Plain text must not hold invisible characters. */
  readonly text: string
}

/**
 * Hides suspect words from a content filter. A digest that quoted the subjects of spam literally would itself be held
 * as spam: a stock SpamAssassin gives 34 points to forty subjects about drugs and loans. It reads both parts of a mail.
 *
 * Of two words that are suspect together, HTML breaks up the first and plain text shortens the second, so that a search
 * in the mailbox finds either.
 *
 * @returns undefined when the text holds nothing suspect, as most texts
 */
export function disguise(text: string): Disguised | undefined {
  const isOdd = ODD.test(text)
  if (!isOdd && !QUICK.test(text)) return undefined
  const marks = [
    ...(isOdd ? oddOnes(text) : []),
    ...(THOUSANDS.test(text) ? sums(text) : []),
    ...suspectWords(text),
  ]
  return marks.length === 0 ? undefined : { html: brokenUp(text, marks), text: shortened(text, marks) }
}

/**
 * Text without the strings by which filters and virus scanners are tested (GTUBE, EICAR). A blank in them is enough.
 * A mail that holds one is stopped, wherever the string stands in it.
 */
export const withoutTestStrings = (text: string): string =>
  /-anti/i.test(text) ? text.replace(TEST_STRINGS, '$& ') : text

const TEST_STRINGS =
  /GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL\*C(?=\.34X)|EICAR-STANDARD-ANTIVIRUS-TEST-FILE(?=!)/gi

/**
 * HTML that hides a suspect word in attributes too, where nothing may break it up because screen readers speak them. One
 * rule of SpamAssassin (__DRUGS_ERECTILE10) reads the source, so a character reference suffices.
 */
export const disguiseSource = (html: string): string =>
  html.replace(IN_SOURCE, letter => `&#${letter.charCodeAt(0)};`)

const IN_SOURCE = /\bv(?=[_\W]?i[_\W]?a[_\W]?g[_\W]?r[_\W]?a\b)/gi

/** A place that is suspect. */
interface Mark {
  readonly from: number
  readonly to: number
  /** Where HTML breaks it up; undefined if it stays whole there. */
  readonly breakAt: number | undefined
  /** What plain text has in its place; undefined if it stays whole there. */
  readonly instead: string | undefined
}

const markAll = (text: string, from: number, to: number): Mark =>
  markWord(text, { from, to, letters: to - from, isBroken: true, isCut: true })

function markWord(text: string, { from, to, letters, isBroken, isCut }: Found): Mark {
  const middle = middleOf(text, from, to, letters)
  return {
    from,
    to,
    breakAt: isBroken ? middle : undefined,
    instead: isCut ? `${text.slice(from, middle)}…` : undefined,
  }
}

/** Within the letters that make the word suspect. After "Mi", because SpamAssassin takes "Mil" for a million too. */
const middleOf = (text: string, from: number, to: number, letters: number): number =>
  from + (/^[mb]ill/i.test(text.slice(from, to)) ? 2 : Math.min(3, Math.floor(letters / 2)))

/** Letters that SpamAssassin takes for others. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: '[a4@à-æ]',
  e: '[e3è-ë]',
  i: '[i1!|lì-ï]',
  l: '[l1!|]',
  o: '[o0ò-ö]',
  u: '[uµù-ü]',
}

const spaced = ({ letters }: Stem): string =>
  [...letters].map(letter => LOOKALIKES[letter] ?? letter).join('[\\W_]{0,3}')

/** Words in odd spellings, an exclamation mark after a certain word, and wallets. */
const ODD_ONES = new RegExp(
  [
    ...SUSPECT_EVEN_IF_SPACED.map(stem => `\\b${spaced(stem)}\\b`),
    '\\b(?:viagra|valium|xanax|soma|cialis){2}',
    '\\b(?:via.gra|v(?:agira|igara|iaggra|iaegra)|c(?:alis|ilias|ilais))\\b',
    '(?<=\\bguaranteed?)!',
    '\\b(?:[13][1-9a-km-zA-HJ-NP-Z]{25,34}|bc1[02-9ac-hj-np-z]{30,90}|4[0-9AB][1-9A-HJ-NP-Za-km-z]{93,104})\\b',
  ].join('|'),
  'gi',
)

const oddOnes = (text: string): Mark[] =>
  [...text.matchAll(ODD_ONES)].map(({ 0: found, index }) => markAll(text, index, index + found.length))

/** Sums of a hundred thousand and more: "$5,000,000". */
const SUM =
  /(?:[$€£¥]|\b(?:us\$?|usd|eur|euros?|gbp|sum of)) ?(?:\d{3}|\d{1,3}[,.'’]\d{3})(?:[,.'’]\d{3})+|(?:\d{3}|\d{1,3}[,.'’]\d{3})(?:[,.'’]\d{3})+(?:[,.]\d\d)? ?(?:[$€£¥]|(?:usd?|eur|euros?|gbp|dollars?|pounds?|bucks)\b)/gi

function sums(text: string): Mark[] {
  return [...text.matchAll(SUM)].flatMap(({ 0: sum, index }) =>
    [...sum.matchAll(/[,.'’](?=\d{3})/g)].map(separator => {
      const from = index + separator.index
      return { from, to: from + 1, breakAt: from + 1, instead: '·' }
    }),
  )
}

/** What a word is when it is found. */
interface Entry extends Stem {
  readonly isSuspect: boolean
  /** The number of the pair that it opens or closes. */
  readonly opens: number | undefined
  readonly closes: number | undefined
}

const NOTHING = { isSuspect: false, opens: undefined, closes: undefined } as const

const ENTRIES: readonly Entry[] = [
  ...SUSPECT_WORDS.map(stem => ({ ...stem, ...NOTHING, isSuspect: true })),
  ...SUSPECT_PAIRS.flatMap(({ first, second }, pair) => [
    ...first.map(stem => ({ ...stem, ...NOTHING, opens: pair })),
    ...second.map(stem => ({ ...stem, ...NOTHING, closes: pair })),
  ]),
]

const keyOf = (word: string): string => word.slice(0, 3)

/** By their first letters, so that most words are looked up once. */
const BY_KEY: ReadonlyMap<string, readonly Entry[]> = Map.groupBy(ENTRIES, ({ letters }) => keyOf(letters))

/** A word of the text that may be hidden in one part or both. */
interface Found {
  readonly from: number
  readonly to: number
  /** How many letters of it are suspect. */
  letters: number
  isBroken: boolean
  isCut: boolean
}

function suspectWords(text: string): Mark[] {
  const found: Found[] = []
  const opened = new Map<number, Found>()
  for (const { 0: word, index: from } of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    const entries = entriesOf(word.toLowerCase())
    if (entries.length === 0) continue
    const own: Found = { from, to: from + word.length, letters: word.length, isBroken: false, isCut: false }
    found.push(own)
    for (const { letters, isSuspect, closes } of entries) {
      if (isSuspect) Object.assign(own, { letters: letters.length, isBroken: true, isCut: true })
      const first = closes === undefined ? undefined : opened.get(closes)
      if (!first || closes === undefined || from - first.to > (SUSPECT_PAIRS[closes]?.between ?? 0)) continue
      own.letters = Math.min(own.letters, letters.length)
      hideOneInEach(first, own)
    }
    for (const { opens } of entries) if (opens !== undefined) opened.set(opens, own)
  }
  return found.filter(({ isBroken, isCut }) => isBroken || isCut).map(word => markWord(text, word))
}

/** Each part hides one of the two. They hide different ones where they can, so that a search finds both. */
function hideOneInEach(first: Found, second: Found): void {
  if (!first.isBroken && !second.isBroken) {
    if (first.isCut) second.isBroken = true
    else first.isBroken = true
  }
  if (!first.isCut && !second.isCut) {
    if (second.isBroken) first.isCut = true
    else second.isCut = true
  }
}

const entriesOf = (word: string): readonly Entry[] =>
  (BY_KEY.get(keyOf(word)) ?? []).filter(({ letters, isWhole }) =>
    isWhole ? word === letters : word.startsWith(letters),
  )

const wordsOf = (isWhole: boolean): string =>
  ENTRIES.filter(entry => entry.isWhole === isWhole && (entry.isSuspect || entry.closes !== undefined))
    .map(({ letters }) => letters)
    .join('|')

/**
 * A quick look, because most texts hold nothing. It has only plain words, among which V8 decides by their first letters:
 * that takes 0.1 µs for a subject.
 */
const QUICK = new RegExp(`\\b(?:(?:${wordsOf(true)})\\b|${wordsOf(false)})|\\d[,.'’]\\d{3}`, 'i')

/** What each sum holds. */
const THOUSANDS = /\d[,.'’]\d{3}/

const ODD = new RegExp(ODD_ONES.source, 'i')

/**
 * Two of them, because rules for words with gaps tolerate three octets between letters. SpamAssassin counts other
 * zero-width characters within words (UNICODE_OBFU_ZW_MANY), but not this one.
 */
const JOINER = '\u2060\u2060'

function brokenUp(text: string, marks: readonly Mark[]): string {
  const places = new Set(marks.flatMap(({ breakAt }) => breakAt ?? []))
  let broken = ''
  let end = 0
  for (const place of [...places].toSorted((one, other) => one - other)) {
    broken += text.slice(end, place) + JOINER
    end = place
  }
  return broken + text.slice(end)
}

function shortened(text: string, marks: readonly Mark[]): string {
  let kept = ''
  let end = 0
  for (const { from, to, instead } of marks.toSorted((one, other) => one.from - other.from)) {
    if (instead === undefined || from < end) continue
    kept += text.slice(end, from) + instead
    end = to
  }
  return kept + text.slice(end)
}
