import type { Kysely } from 'kysely'
import type { HeldMail } from '../../ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Database } from '../../ground/database/database.ts'
import { CodedError, type ErrorCode } from '../../ground/errors.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type Group, groupOf } from '../../rules/policy/group.ts'
import { offerFor } from '../../rules/policy/offer.ts'
import { requirePermission, type Visitor } from '../../rules/reach/visitor.ts'
import { findItems } from '../../work/collect/items.ts'
import { type Candidate, refusedAmong, withMail } from '../../work/digest/make/candidates.ts'
import { orderedMessages } from '../../work/digest/show/ordered-messages.ts'
import type { DigestEntry } from '../../work/digest/show/view.ts'
import type { ShownDigest, ViewDeps } from '../../work/digest/show/view-of.ts'
import { findReleases } from '../../work/release/claims.ts'
import { type ReleasedBy, releasedBy } from '../../work/release/released-by.ts'
import { mayAskFor } from '../../work/requests/release-or-ask.ts'
import { type RequestSeen, requestsOf } from '../../work/requests/requests-seen.ts'
import { type PageLanguage, pageLanguageOf } from '../../work/settings/read-settings.ts'
import type { Standards } from '../../work/settings/standards.ts'

export interface WholeDigestDeps extends ViewDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly standard: Standards
  readonly storage: Kysely<AmavisTables>
}

/** One page of everything that a digest lists, including what did not fit into the mail. */
export interface WholeDigest {
  readonly digest: ShownDigest
  readonly audience: PageLanguage
  /** The words that all its messages contain; empty if all messages are listed. */
  readonly find: string
  /** How many messages were found. */
  readonly total: number
  /** How many messages the digest has, found or not. */
  readonly all: number
  /** How many of those found belong to each group. */
  readonly totals: Readonly<Record<Group, number>>
  /** Counted from 1. */
  readonly page: number
  readonly pages: number
  readonly showsScore: boolean
  readonly entries: readonly WholeDigestEntry[]
}

export interface WholeDigestEntry extends Omit<DigestEntry, 'mail' | 'group'> {
  readonly itemId: string
  /** Undefined when amavis no longer knows the message. */
  readonly mail: HeldMail | undefined
  readonly group: Group | undefined
  /** Who released it, if it was not this reader and is known. */
  readonly releasedBy: ReleasedBy | undefined
  /** An admin has refused it. */
  readonly isRefused: boolean
  /** Admins were asked for it, and this reader, who was not among those who asked, may join them. */
  readonly mayJoin: boolean
}

/** Which part of a digest to show. */
export interface DigestPart {
  /** Counted from 1. */
  readonly page: number
  /** Only messages that contain all of these words; empty for all messages. */
  readonly find: string
}

/**
 * Opens one page of everything that a digest lists.
 *
 * @throws CodedError OUT_OF_REACH, PAGE_UNKNOWN
 */
export async function openWholeDigest(
  deps: WholeDigestDeps,
  visitor: Visitor,
  digest: ShownDigest,
  { page, find }: DigestPart,
): Promise<WholeDigest> {
  requirePermission(visitor, 'read', digest.reader)
  const { itemIds, totals, all } = await orderedMessages(deps, digest, find)
  const pages = Math.max(1, Math.ceil(itemIds.length / PER_PAGE))
  if (page > pages) throw new CodedError('PAGE_UNKNOWN', 'This digest has no such page.')
  const items = await findItems(deps.state, itemIds.slice((page - 1) * PER_PAGE, page * PER_PAGE))
  const shown = await withMail(deps.storage, items)
  const audience = await pageLanguageOf(deps.state, digest.reader, deps.standard)
  return {
    digest,
    audience,
    find,
    total: itemIds.length,
    all,
    totals,
    page,
    pages,
    showsScore: deps.showScore,
    entries: await entriesOf(deps, visitor, digest, shown),
  }
}

/** How many messages a page lists. */
export const PER_PAGE = 100

/** Messages of a digest in their present state, and what may be done with each. */
export async function entriesOf(
  deps: WholeDigestDeps,
  visitor: Visitor,
  digest: ShownDigest,
  shown: readonly Candidate[],
): Promise<WholeDigestEntry[]> {
  const now = deps.clock()
  const releases = await findReleases(
    deps.state,
    shown.map(({ item }) => item.heldId),
  )
  const refused = await refusedAmong(deps, shown)
  const joinable = await joinableAmong(deps, visitor, digest.reader, shown)
  return shown.map(({ item, mail: found }) => {
    const release = releases.get(item.heldId)
    const released = release?.state === 'released'
    const link = deps.urls.release(item, digest.createdAt, now, digest.copy && digest.digestId)
    const over = link.releasableUntil <= now || release?.code === ('MESSAGE_GONE' satisfies ErrorCode)
    const isRefused = refused.has(item.heldId) && !released
    const mail = found && { ...found, state: released ? 'released' : over ? 'gone' : found.state }
    return {
      itemId: item.itemId,
      mail,
      group: mail && groupOf(mail, deps.spamBorder),
      offer: mail && !isRefused ? offerFor(mail, deps.policies, visitor) : 'none',
      releasableUntil: link.releasableUntil,
      releaseUrl: link.url,
      releasedBy: releasedBy(release, item.reader),
      isRefused,
      mayJoin: joinable.has(item.heldId) && mail?.state === 'pending',
    }
  })
}

/** The `heldId` of those of these messages which wait for an admin, and for which this reader may ask, too. */
async function joinableAmong(
  { state, policies }: WholeDigestDeps,
  visitor: Visitor,
  reader: string,
  shown: readonly Candidate[],
): Promise<ReadonlySet<string>> {
  const heldIds = shown.flatMap(({ item, mail }) =>
    mail?.state === 'pending' && mayAskFor(mail, policies, visitor) ? [item.heldId] : [],
  )
  const requests = await requestsOf(state, heldIds, reader)
  return new Set(heldIds.filter(heldId => isJoinable(requests.get(heldId))))
}

/** @param request undefined: another program has asked */
const isJoinable = (request: RequestSeen | undefined): boolean =>
  request?.state !== 'approved' && request?.state !== 'refused' && !isAskedNow(request)

const isAskedNow = (request: RequestSeen | undefined): boolean =>
  request?.state === 'waiting' && request.askedByThisReader
