import type { Visitor } from '../../rules/reach/visitor.ts'
import type { Item } from '../../work/collect/items.ts'
import { given } from '../given.ts'
import { heldByLink, requireButtonToDelete } from './held-by-link.ts'
import { messageReads } from './message-reads.ts'
import { type OpenedMessage, openMessage } from './open-message.ts'
import { type OtherMessagesDeps, otherMessages } from './other-messages.ts'
import { type ReaderRelease, type ReaderRequest, releaseForReader } from './release-for-reader.ts'
import { type ReleaseTogetherDeps, releaseTogether } from './release-together.ts'
import { confirmDestination, openDestination } from './settings/move-digests.ts'
import { type ReaderSettingsDeps, readerSettingsDesk } from './settings/settings-desk.ts'
import { openWholeDigest } from './whole-digest.ts'

export type ReaderDeskDeps = ReleaseTogetherDeps & OtherMessagesDeps & ReaderSettingsDeps

/** What readers see and do. Each verb takes a visitor, however they came in. */
export const readerDesk = (deps: ReaderDeskDeps) => ({
  ...readingTogether(deps),
  otherMessages: given(deps, otherMessages),
  heldByLink: given(deps, heldByLink),
  requireButtonToDelete: given(deps, requireButtonToDelete),
  openWholeDigest: given(deps, openWholeDigest),
  releaseTogether: given(deps, releaseTogether),
  settings: readerSettingsDesk(deps),
  openDestination: given(deps, openDestination),
  confirmDestination: given(deps, confirmDestination),
})

/** What readers do at the same time in large numbers. */
function readingTogether(deps: ReaderDeskDeps) {
  const reads = messageReads(deps)
  return {
    openMessage: (visitor: Visitor, item: Item): Promise<OpenedMessage> =>
      openMessage(deps, visitor, item, reads),
    release: (visitor: Visitor, item: Item, request: ReaderRequest): Promise<ReaderRelease> =>
      releaseForReader(deps, visitor, item, request, reads),
  }
}

export type ReaderDesk = ReturnType<typeof readerDesk>
