import type { Database } from '../../ground/database/database.ts'
import { CodedError } from '../../ground/errors.ts'
import type { KeyRing } from '../../ground/links/key-ring.ts'
import { type Link, type Purpose, requireBinding } from '../../ground/links/token.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Permission, Visitor } from '../../rules/reach/visitor.ts'
import { findItem, type Item } from '../../work/collect/items.ts'
import type { ShownDigest } from '../../work/digest/show/view-of.ts'
import { type DestinationRequest, findRequest } from '../../work/settings/destination-requests.ts'

export interface LinkDeps {
  readonly state: Database<StateTables>
  readonly keys: KeyRing
  readonly clock: () => number
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
 * Turns a signed link into a visitor.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE
 */
export async function visitByLink<P extends Purpose>(
  { state, keys, clock }: LinkDeps,
  purpose: P,
  token: string,
): Promise<Visit<Subjects[P]>> {
  const link = keys.verify(token, purpose, clock())
  const subject = await subjectOf(state, purpose, link)
  const visitor: Visitor = { reader: subject.reader, by: 'link', may: PERMISSIONS[purpose] }
  return { visitor, subject, until: link.expiresAt }
}

/**
 * Turns a signed link that has expired into a visitor who sees nothing, and may only have a digest sent to where the
 * reader's digests go.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, MESSAGE_GONE
 */
export async function visitByExpiredLink(
  { state, keys, clock }: LinkDeps,
  purpose: Purpose,
  token: string,
): Promise<Visitor> {
  const link = keys.verifyExpired(token, purpose, clock())
  const { reader } = await subjectOf(state, purpose, link)
  return { reader, by: 'link', may: ['digest'] }
}

/** @throws CodedError LINK_FORGED, MESSAGE_GONE */
async function subjectOf<P extends Purpose>(state: State, purpose: P, link: Link): Promise<Subjects[P]> {
  const found = await FIND[purpose](state, link.subject)
  if (!found) throw new CodedError('MESSAGE_GONE', NOT_KEPT[purpose])
  requireBinding(link, found.boundTo, found.subject.reader)
  return found.subject
}

/** What a link of each purpose allows. A preferences link shows no mail: it lives 60 days and may be forwarded. */
const PERMISSIONS = {
  release: ['read', 'release'],
  digest: ['read', 'release'],
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
}

type Finders = {
  readonly [P in Purpose]: (state: State, id: string) => Promise<Found<Subjects[P]> | undefined>
}

const findMessage = async (state: State, id: string): Promise<Found<Item> | undefined> => {
  const subject = await findItem(state, id)
  return subject && { subject, boundTo: subject.recipient }
}

const findDigest = async (state: State, id: string): Promise<Found<ShownDigest> | undefined> => {
  const row = await state.sql
    .selectFrom('digest_digest')
    .select(['digest_id', 'reader', 'language', 'time_zone', 'created_at'])
    .where('digest_id', '=', id)
    .executeTakeFirst()
  if (!row) return undefined
  const { digest_id: digestId, reader, language, time_zone: timeZone } = row
  const subject = { digestId, reader, language, timeZone, createdAt: Number(row.created_at) }
  return { subject, boundTo: digestId }
}

const findDestination = async (state: State, id: string): Promise<Found<DestinationRequest> | undefined> => {
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
