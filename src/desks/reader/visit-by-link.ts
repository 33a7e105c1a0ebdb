import type { ByCopy } from '../../ground/audit/record.ts'
import type { Database } from '../../ground/database/database.ts'
import { CodedError } from '../../ground/errors.ts'
import type { KeyRing } from '../../ground/links/key-ring.ts'
import { type Link, type Purpose, requireBinding } from '../../ground/links/token.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Permission, Visitor } from '../../rules/reach/visitor.ts'
import { isCopiedTo, type StandardSettings } from '../../rules/settings/reader-settings.ts'
import { findItem, type Item } from '../../work/collect/items.ts'
import type { ShownDigest } from '../../work/digest/show/view-of.ts'
import { type DestinationRequest, findRequest } from '../../work/settings/destination-requests.ts'
import { readerSettings } from '../../work/settings/read-settings.ts'

export interface LinkDeps {
  readonly state: Database<StateTables>
  readonly keys: KeyRing
  readonly standard: StandardSettings
  readonly clock: () => number
  /** Finds an item together with others that are asked for at the same time; alone where it is undefined. */
  readonly itemTogether?: (itemId: string) => Promise<Item | undefined>
}

/** A visitor who came by a link, and what the link is about. */
export interface Visit<Subject> {
  readonly visitor: Visitor
  readonly subject: Subject
  /** When the link expires, in milliseconds since the epoch. */
  readonly until: number
}

/** What a link of each purpose is about. */
export interface Subjects {
  readonly release: Item
  readonly digest: ShownDigest
  readonly preferences: ShownDigest
  readonly canary: ShownDigest
  readonly destination: DestinationRequest
}

/**
 * Turns a signed link into a visitor. By a link in a copy of a digest, its recipient acts for the reader for as long as
 * an admin has the copies sent there.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE, OUT_OF_REACH
 */
export async function visitByLink<P extends Purpose>(
  deps: LinkDeps,
  purpose: P,
  token: string,
): Promise<Visit<Subjects[P]>> {
  const link = deps.keys.verify(token, purpose, deps.clock())
  const { subject, byCopy } = await findSubject(deps, purpose, link)
  const may = permissionsOf(purpose, byCopy)
  const visitor = { reader: subject.reader, by: 'link', may, byCopy } as const
  return { visitor, subject, until: link.expiresAt }
}

/**
 * Turns a signed link that has expired into a visitor who sees nothing, and may only have a digest sent to where the
 * reader's digests go.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, MESSAGE_GONE, OUT_OF_REACH
 */
export async function visitByExpiredLink(deps: LinkDeps, purpose: Purpose, token: string): Promise<Visitor> {
  const link = deps.keys.verifyExpired(token, purpose, deps.clock())
  const { subject, byCopy } = await findSubject(deps, purpose, link)
  return { reader: subject.reader, by: 'link', may: ['digest'], byCopy }
}

/** @throws CodedError LINK_FORGED, MESSAGE_GONE, OUT_OF_REACH */
async function findSubject<P extends Purpose>(
  deps: LinkDeps,
  purpose: P,
  link: Link,
): Promise<{ readonly subject: Subjects[P]; readonly byCopy: ByCopy | undefined }> {
  const found = await FIND[purpose](deps, link.subject)
  if (!found) throw new CodedError('MESSAGE_GONE', NOT_KEPT[purpose])
  const { subject, boundTo } = found
  requireBinding(link, boundTo, subject.reader)
  const copy = link.copy === undefined ? found.copy : await findCopy(deps.state, link.copy)
  if (copy) await requireCopied(deps, subject.reader, copy)
  return { subject, byCopy: copy }
}

/** @throws CodedError MESSAGE_GONE */
async function findCopy(state: State, digestId: string): Promise<ByCopy> {
  const copy = (await findDigest({ state }, digestId))?.copy
  if (!copy) throw new CodedError('MESSAGE_GONE', NOT_KEPT.digest)
  return copy
}

/** @throws CodedError OUT_OF_REACH */
async function requireCopied(
  { state, standard }: LinkDeps,
  reader: string,
  { deliverTo }: ByCopy,
): Promise<void> {
  const settings = await readerSettings(state, reader, standard)
  if (!isCopiedTo(settings, deliverTo)) throw new CodedError('OUT_OF_REACH', NO_MORE_COPIES)
}

const NO_MORE_COPIES =
  'This link is in a copy for somebody who gets no copies of these digests any more. Ask your mail administrator.'

/** A deputy releases for the reader, and keeps no lists for them. */
const permissionsOf = (purpose: Purpose, byCopy: ByCopy | undefined): readonly Permission[] =>
  byCopy ? PERMISSIONS[purpose].filter(permission => permission !== 'senders') : PERMISSIONS[purpose]

/** What a link of each purpose allows. A preferences link shows no mail: it lives 60 days and may be forwarded. */
const PERMISSIONS = {
  release: ['read', 'release', 'senders', 'learn'],
  digest: ['read', 'release', 'senders', 'learn'],
  preferences: ['settings'],
  destination: ['destination'],
  canary: [],
} as const satisfies Record<Purpose, readonly Permission[]>

const NOT_KEPT = {
  release: 'This message is no longer kept.',
  digest: 'This digest is no longer kept.',
  preferences: 'This digest is no longer kept.',
  canary: 'This digest is no longer kept.',
  destination: 'This request is no longer kept.',
} as const satisfies Record<Purpose, string>

type State = Database<StateTables>

interface Found<Subject> {
  readonly subject: Subject
  /** What the token is bound to, besides the reader. */
  readonly boundTo: string
  /** The copy that it is about, if it is about one. */
  readonly copy?: ByCopy | undefined
}

type Finders = {
  readonly [P in Purpose]: (deps: LinkDeps, id: string) => Promise<Found<Subjects[P]> | undefined>
}

const findMessage = async (
  { state, itemTogether = itemId => findItem(state, itemId) }: LinkDeps,
  id: string,
): Promise<Found<Item> | undefined> => {
  const subject = await itemTogether(id)
  return subject && { subject, boundTo: subject.recipient }
}

const findDigest = async (
  { state }: Pick<LinkDeps, 'state'>,
  id: string,
): Promise<Found<ShownDigest> | undefined> => {
  const row = await state.sql
    .selectFrom('digest_digest')
    .select(['digest_id', 'reader', 'language', 'time_zone', 'created_at', 'copy_of', 'deliver_to'])
    .where('digest_id', '=', id)
    .executeTakeFirst()
  if (!row) return undefined
  const { digest_id: digestId, reader, language, time_zone: timeZone } = row
  const { copy_of: copyOf, deliver_to: deliverTo } = row
  const shown = copyOf === null ? undefined : { of: copyOf, for: deliverTo }
  const subject = { digestId, reader, language, timeZone, createdAt: Number(row.created_at), copy: shown }
  return { subject, boundTo: digestId, copy: shown && { digestId, deliverTo } }
}

const findDestination = async (
  { state }: LinkDeps,
  id: string,
): Promise<Found<DestinationRequest> | undefined> => {
  const subject = await findRequest(state, id)
  return subject && { subject, boundTo: subject.requestId }
}

const FIND: Finders = {
  release: findMessage,
  digest: findDigest,
  preferences: findDigest,
  canary: findDigest,
  destination: findDestination,
}
