import { disguiseSource } from '../../../ground/display/disguise.ts'
import { wrapText } from '../../../ground/display/wrap.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { encodedLength } from '../../../ground/mail/transfer-encoding.ts'
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
  const rows = entries.map((entry, index) => rowOf(entry, index + 1))
  const headings = headingsOf(view, entries, words)
  const history = historyModels(view, words)
  const senders = rows.slice(0, MOST_NAMED).map(({ text }) => text.name || text.address)
  const frames = frameModels(view, senders, words)
  const rendererOf = (medium: Medium) => {
    const frame = { ...frames[medium], ...history[medium] }
    const own = rows.map((row, index) => ({ ...row[medium], heading: headings[index] }))
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

/** Almost every digest fits as a whole. For the others, a binary search renders seven times at most. */
function longestBelow(maxBytes: number, rows: number, toHtml: (listed: number) => string) {
  const withAllRows = toHtml(rows)
  if (fits(withAllRows, maxBytes)) return { html: withAllRows, listed: rows }
  let best = { html: toHtml(0), listed: 0 }
  if (!fits(best.html, maxBytes)) {
    throw new CodedError(
      'TEMPLATE_INVALID',
      `digest.mjml: even without rows it has ${maxBytes} octets or more`,
    )
  }
  let tooMany = rows
  while (tooMany - best.listed > 1) {
    const listed = Math.floor((best.listed + tooMany) / 2)
    const html = toHtml(listed)
    if (fits(html, maxBytes)) best = { html, listed }
    else tooMany = listed
  }
  return best
}

/** A UTF-16 unit takes at most 9 octets as it travels, so many digests need no counting. */
const fits = (html: string, maxBytes: number): boolean =>
  html.length * 9 < maxBytes || (Buffer.byteLength(html) < maxBytes && encodedLength(html) < maxBytes)
