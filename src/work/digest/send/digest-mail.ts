import type { Locales } from '../../../ground/i18n/locales.ts'
import type { InlineImage, OutgoingMail } from '../../../ground/mail/mailer.ts'
import { messageIdOf } from '../../../ground/mail/message-id.ts'
import type { DigestTemplate } from '../../../ground/templates/digest-template.ts'
import type { Candidate } from '../make/candidates.ts'
import { type RenderLimits, renderDigest } from '../show/render.ts'
import { type ViewDeps, viewOf } from '../show/view-of.ts'
import type { DigestToSend } from './digests-to-send.ts'
import { dueAt } from './record-answer.ts'

export interface DigestMailDeps extends ViewDeps {
  readonly template: () => Promise<DigestTemplate>
  readonly locales: Locales
  readonly limits: RenderLimits
  /** What the brand's logo is in a mail; undefined if it has none. */
  readonly image: InlineImage | undefined
  /** The domain of the Message-ID. */
  readonly domain: string
}

/** How much of a digest is rendered. */
export interface Fit {
  readonly maxRows: number
  /** Whether it tells what still waits and what became of releases. */
  readonly hasHistory: boolean
}

export const WHOLE: Fit = { maxRows: Number.POSITIVE_INFINITY, hasHistory: true }

/** Half of the messages; without any of them, also without what else it tells. */
export const smaller = (listed: number): Fit => ({ maxRows: Math.floor(listed / 2), hasHistory: listed > 0 })

/** The mail of a digest, and how many of its messages it lists. */
export async function mailOf(
  deps: DigestMailDeps,
  { digest, phrase, history, mayPause }: DigestToSend,
  listable: readonly Candidate[],
  now: number,
  fit: Fit,
): Promise<{ readonly mail: OutgoingMail; readonly listed: number }> {
  const limits = { ...deps.limits, maxRows: Math.min(deps.limits.maxRows, fit.maxRows) }
  const told = fit.hasHistory ? history : { ...history, waiting: [], news: [] }
  const { copyOf, deliverTo } = digest
  const copy = copyOf === undefined ? undefined : { of: copyOf, for: deliverTo }
  const view = viewOf(deps, { ...digest, phrase, copy }, listable, limits.maxRows, now, told)
  const words = deps.locales.wordsFor(digest.language)
  const rendered = renderDigest(await deps.template(), words, view, limits)
  const mail = {
    to: deliverTo,
    subject: rendered.subject,
    html: rendered.html,
    text: rendered.text,
    image: deps.image,
    messageId: messageIdOf(digest.digestId, deps.domain, digest.resent),
    date: dueAt(digest, now),
    language: words.language,
    preferencesUrl: view.links.preferences,
    mayUnsubscribe: mayPause,
  }
  return { mail, listed: rendered.listed }
}
