import { disguise, withoutTestStrings } from './disguise.ts'
import { inertForHtml, inertForText, mayBecomeLink } from './inert.ts'

/** Text from a mail as a digest quotes it. All strings are safe to show: no program makes links of them. */
export interface Quotation {
  readonly html: string
  readonly text: string
  /**
   * What a screen reader says instead of the HTML, and what a search finds; empty if both are the same. It has no
   * invisible characters, so it belongs into an attribute: mail programs make no links there.
   */
  readonly spoken: string
}

/**
 * How a digest quotes text from mails, which must be safe to show already.
 *
 * @param literally whether no filter reads the digest, so that its words need no disguise
 */
export const quoting = (literally: boolean): ((text: string) => Quotation) =>
  literally ? quoteLiterally : quoteDisguised

const quoteLiterally = (text: string): Quotation => quotation(withoutTestStrings(text), undefined)

function quoteDisguised(text: string): Quotation {
  const plain = withoutTestStrings(text)
  return quotation(plain, disguise(plain))
}

function quotation(plain: string, disguised: { html: string; text: string } | undefined): Quotation {
  if (!disguised && !mayBecomeLink(plain)) return { html: plain, text: plain, spoken: '' }
  const html = inertForHtml(disguised?.html ?? plain)
  return { html, text: inertForText(disguised?.text ?? plain), spoken: html === plain ? '' : plain }
}
