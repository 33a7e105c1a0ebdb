import { disguiseSource } from '../../../ground/display/disguise.ts'
import { wrapText } from '../../../ground/display/wrap.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { encodedLength } from '../../../ground/mail/encoded-length.ts'
import type { DigestTemplate } from '../../../ground/templates/digest-template.ts'
import { frameModels, type Medium, MOST_NAMED } from './frame-model.ts'
import { historyModels } from './render-history.ts'
import { type HeadingModel, headingOf, rowMaker } from './row-model.ts'
import type { DigestEntry, DigestView } from './view.ts'

/** The texts of a digest, ready to become a mail. */
export interface RenderedDigest {
  readonly subject: string
  readonly html: string
  readonly text: string
  /** How many of its messages are listed. The others are counted, and are on the page that the digest links to. */
  readonly listed: number
}

export interface RenderLimits {
  readonly maxRows: number
  /** The HTML part stays below so many octets, both as it is and as it travels. */
  readonly maxBytes: number
}

/** Gmail cuts a mail's HTML off at 102,400 octets. Whether it counts them before or after decoding is not known. */
export const DEFAULT_LIMITS: RenderLimits = { maxRows: 100, maxBytes: 102_400 }

/**
 * Renders a digest. It lists as many of its messages as the limits allow, in the view's order.
 * @throws CodedError TEMPLATE_INVALID when not even a digest without rows is below `maxBytes`
 */
export function renderDigest(
  template: DigestTemplate,
  words: Words,
  view: DigestView,
  limits: RenderLimits = DEFAULT_LIMITS,
): RenderedDigest {
  const rowOf = rowMaker(view, words)
  const entries = view.entries.slice(0, limits.maxRows)
  const headings = headingsOf(view, entries, words)
  const rows = entries.map((entry, index) => rowOf(entry, index + 1, headings[index]))
  const history = historyModels(view, words)
  const senders = rows.slice(0, MOST_NAMED).map(({ text }) => text.name || text.address)
  const frames = frameModels(view, senders, words)
  const rendererOf = (medium: Medium) => {
    const frame = { ...frames[medium], ...history[medium] }
    const own = rows.map(row => row[medium])
    return (listed: number): string =>
      template[medium]({ ...frame, rows: own.slice(0, listed), rest: view.total - listed }, words)
  }
  const toHtml = rendererOf('html')
  const { html, listed } = longestBelow(limits.maxBytes, rows.length, count =>
    view.quotesLiterally === true ? toHtml(count) : disguiseSource(toHtml(count)),
  )
  const text = wrapText(rendererOf('text')(listed), TEXT_COLUMNS)
  return { subject: frames.text.subject, html, text, listed }
}

/** The heading of a group stands on its first message. */
function headingsOf(
  view: DigestView,
  entries: readonly DigestEntry[],
  words: Words,
): (HeadingModel | undefined)[] {
  return entries.map(({ group }, index) => {
    const own = view.groups.find(candidate => candidate.group === group)
    return own && entries[index - 1]?.group !== group ? headingOf(own, words) : undefined
  })
}

/** Leaves room for the quote marks of a reply within 80 columns. */
const TEXT_COLUMNS = 76

/** Almost every digest fits as a whole. For the others, a search that expects rows of about the same size. */
function longestBelow(maxBytes: number, rows: number, toHtml: (listed: number) => string) {
  const whole = toHtml(rows)
  if (whole.length * MOST_OCTETS < maxBytes) return { html: whole, listed: rows }
  let tooMany = { listed: rows, size: sizeOf(whole) }
  if (tooMany.size < maxBytes) return { html: whole, listed: rows }
  let best = measured(0, toHtml)
  if (best.size >= maxBytes) {
    throw new CodedError(
      'TEMPLATE_INVALID',
      `digest.mjml: even without rows it has ${maxBytes} octets or more`,
    )
  }
  while (tooMany.listed - best.listed > 1) {
    const share = (maxBytes - best.size) / (tooMany.size - best.size)
    const guess = best.listed + Math.floor((tooMany.listed - best.listed) * share)
    const tried = measured(Math.min(Math.max(guess, best.listed + 1), tooMany.listed - 1), toHtml)
    if (tried.size < maxBytes) best = tried
    else tooMany = tried
  }
  return { html: best.html, listed: best.listed }
}

function measured(listed: number, toHtml: (listed: number) => string) {
  const html = toHtml(listed)
  return { listed, html, size: sizeOf(html) }
}

/** In octets, as it travels: that is never less than as it is. */
const sizeOf = encodedLength

/** A UTF-16 unit takes at most so many as it travels, line breaks included, so that a short digest needs no counting. */
const MOST_OCTETS = 4.2
