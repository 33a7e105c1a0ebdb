import { releasableUntil, type Urls } from '../../../ground/links/urls.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { collect } from '../../../work/collect/collect.ts'
import { candidatesFor, isListable, pendingItems } from '../../../work/digest/make/candidates.ts'
import { ofTheirReaders } from '../../../work/digest/make/compile.ts'
import { isLeftOut } from '../../../work/digest/make/left-out.ts'
import type { RunDeps } from '../../../work/digest/make/run.ts'
import type { DeliverDeps } from '../../../work/digest/send/deliver.ts'
import { historiesOf, NO_HISTORY } from '../../../work/digest/show/digest-history.ts'
import { type RenderedDigest, renderDigest } from '../../../work/digest/show/render.ts'
import { viewOf } from '../../../work/digest/show/view-of.ts'
import { readerSettings } from '../../../work/settings/read-settings.ts'
import { readerInReach } from '../reach/readers-in-reach.ts'

export type PreviewDeps = RunDeps &
  Pick<
    DeliverDeps,
    | 'template'
    | 'locales'
    | 'limits'
    | 'contact'
    | 'lifetime'
    | 'expiringSoon'
    | 'spamBorder'
    | 'showScore'
    | 'disguise'
    | 'brand'
  >

/**
 * Renders the digest that a reader would get now, without claiming or sending anything. Its links lead nowhere: a
 * preview must not free mail.
 *
 * @param recipient the reader, or an address whose mail the directory gives to the reader
 * @returns undefined when nothing waits, or when the recipient is in reach but the reader is not
 * @throws CodedError OUT_OF_REACH when both are out of reach
 */
export async function preview(
  deps: PreviewDeps,
  reach: Reach,
  recipient: string,
  publicUrl: string,
): Promise<RenderedDigest | undefined> {
  const reader = await readerInReach(deps, reach, recipient)
  if (reader === undefined) return undefined
  await collect(deps, deps.clock())
  const now = deps.clock()
  const settings = await readerSettings(deps.state, reader, deps.standard)
  const waiting = await candidatesFor(deps, await pendingItems(deps.state, [reader]))
  const listable = await ofTheirReaders(
    deps.directory,
    waiting.filter(candidate => isListable(candidate, deps, now) && !isLeftOut(candidate, settings)),
  )
  if (listable.length === 0) return undefined
  const digest = {
    digestId: 'preview',
    reader,
    language: settings.language,
    timeZone: settings.timeZone,
    phrase: settings.phrase,
    createdAt: now,
  }
  const history = (await historiesOf(deps, [digest], now)).get(digest.digestId) ?? NO_HISTORY
  const urls = urlsToNowhere(publicUrl, deps)
  const view = viewOf({ ...deps, urls }, digest, listable, deps.limits.maxRows, now, history)
  return renderDigest(await deps.template(), deps.locales.wordsFor(settings.language), view, deps.limits)
}

const urlsToNowhere = (
  publicUrl: string,
  limits: Parameters<typeof releasableUntil>[0],
): Pick<Urls, 'release' | 'ofDigest'> => ({
  release: (item, listedAt) => ({
    url: `${publicUrl}/release/preview`,
    releasableUntil: releasableUntil(limits, item, listedAt),
  }),
  ofDigest: () => ({
    digest: `${publicUrl}/digest/preview`,
    preferences: `${publicUrl}/preferences/preview`,
    canary: undefined,
  }),
})
