import { type Actor, recordAudit } from '../../../ground/audit/record.ts'
import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { mailableAddress } from '../../../ground/directory/mailable-address.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { DAY } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Urls } from '../../../ground/links/urls.ts'
import { newId } from '../../../ground/state/id.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { requireVisit, type Visitor } from '../../../rules/reach/visitor.ts'
import { effective, type ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import { layersOf } from '../../../rules/settings/scope.ts'
import type { LockField } from '../../../rules/settings/setting-fields.ts'
import {
  confirmationLetter,
  type DestinationLetters,
  newDestinationLetter,
  sendLetter,
  takenBackLetter,
} from '../../../work/settings/destination-letters.ts'
import {
  claimRequest,
  countRequests,
  type DestinationRequest,
  endRequests,
  insertRequest,
  removeRequest,
} from '../../../work/settings/destination-requests.ts'
import { readerSettings, readScopes } from '../../../work/settings/read-settings.ts'
import { type OwnChange, type OwnSettingsDeps, setOwnSettings } from './own-settings.ts'

export type DestinationDeps = OwnSettingsDeps &
  DestinationLetters & {
    readonly urls: Pick<Urls, 'destination'>
    /** Whom our own mails come from: nobody reads a digest there. */
    readonly sender: string
  }

/** A reader's wish to get the digests elsewhere. */
export interface DestinationWish {
  readonly reader: string
  /** The reader's own, in the spelling of the mail system. */
  readonly mailbox: string
  /** Where they go now. */
  readonly now: string
  readonly wanted: string
  readonly locked: readonly LockField[]
}

export type DestinationAsked =
  /** A mail with a link went `to` where the digests go now, or to the reader's own mailbox. */
  | { readonly status: 'asked'; readonly wanted: string; readonly to: string }
  /** No address that digests can go to, or the one where they go now. */
  | { readonly status: 'refused'; readonly wanted: string }
  | { readonly status: 'too-often' }

/**
 * Asks, where a reader's digests go now, whether they shall go elsewhere: whoever has the preferences link alone, by a
 * forwarded digest for instance, can redirect nothing. Whether they shall come back to the reader's own mailbox is asked
 * there: it may be by mistake that they go elsewhere.
 *
 * @throws CodedError SETTING_LOCKED, SMTP_UNREACHABLE
 */
export async function askForDestination(
  deps: DestinationDeps,
  wish: DestinationWish,
  actor: Actor,
): Promise<DestinationAsked> {
  if (wish.locked.includes('deliverTo')) throw locked()
  const wanted = mailableAddress(wish.wanted)
  if (wanted === undefined || isSame(wanted, wish.now) || isSame(wanted, deps.sender)) {
    return { status: 'refused', wanted: wish.wanted }
  }
  const now = deps.clock()
  const request: DestinationRequest = {
    requestId: newId(now),
    reader: wish.reader,
    deliverTo: wanted,
    movesFrom: wish.now,
    expiresAt: now + LIFETIME,
    isOver: false,
  }
  await insertRequest(deps.state, request, now)
  // Counted afterwards: of two at the same time, neither passes unseen.
  if ((await countRequests(deps.state, wish.reader, now - DAY, now)) > A_DAY) {
    await removeRequest(deps.state, request.requestId)
    return { status: 'too-often' }
  }
  const link = deps.urls.destination(request, now)
  const to = isOwn(wish.reader, wanted) ? wish.mailbox : wish.now
  const letter = confirmationLetter(deps, await languageOf(deps, wish.reader), { ...request, from: to, link })
  const isSent = await sendLetter(deps, letter)
  if (!isSent) {
    await removeRequest(deps.state, request.requestId)
    throw new CodedError(
      'SMTP_UNREACHABLE',
      'The mail to confirm this with could not be sent. Try again later.',
    )
  }
  await audit(deps, actor, 'destination-ask', request)
  return { status: 'asked', wanted, to }
}

/** What the link of the confirmation mail leads to. */
export interface OpenedDestination {
  readonly reader: string
  readonly deliverTo: string
  readonly language: string
  readonly timeZone: string
  readonly status: 'open' | 'done' | 'over'
}

/** Changes nothing. @throws CodedError OUT_OF_REACH */
export async function openDestination(
  deps: DestinationDeps,
  visitor: Visitor,
  request: DestinationRequest,
): Promise<OpenedDestination> {
  requireVisit(visitor, 'destination', request.reader)
  const settings = await readerSettings(deps.state, request.reader, deps.standard)
  return opened(deps, request, isOver(request, settings) ? 'over' : 'open')
}

/**
 * Lets the digests go where the request says, once; every other request of the reader is void then. So is one that was
 * made before the digests went elsewhere for another reason.
 *
 * @throws CodedError OUT_OF_REACH, SETTING_LOCKED, EDIT_CONFLICT
 */
export async function confirmDestination(
  deps: DestinationDeps,
  visitor: Visitor,
  request: DestinationRequest,
  remoteAddress: string | null,
): Promise<OpenedDestination> {
  requireVisit(visitor, 'destination', request.reader)
  const { reader, deliverTo } = request
  const isMoved = await inTransaction(deps.state, sql =>
    move({ ...deps, state: { ...deps.state, sql } }, request, remoteAddress),
  )
  if (!isMoved) return opened(deps, request, 'over')
  const language = await languageOf(deps, reader)
  await sendLetter(deps, newDestinationLetter(deps, language, reader, deliverTo))
  if (isOwn(reader, deliverTo)) {
    await sendLetter(deps, takenBackLetter(deps, language, { reader, to: deliverTo, at: request.movesFrom }))
  }
  return opened(deps, request, 'done')
}

/** @returns whether the request still held. @throws CodedError SETTING_LOCKED, EDIT_CONFLICT */
async function move(
  deps: DestinationDeps,
  request: DestinationRequest,
  remoteAddress: string | null,
): Promise<boolean> {
  const { requestId, reader, deliverTo } = request
  const before = await readerSettings(deps.state, reader, deps.standard)
  if (before.locked.includes('deliverTo')) throw locked()
  const now = deps.clock()
  if (isOver(request, before) || !(await claimRequest(deps.state, requestId, now))) return false
  await endRequests(deps.state, [reader], now)
  const change = await changeTo(deps, reader, deliverTo)
  await setOwnSettings(deps, reader, change, remoteAddress, held => {
    if (isOver(request, held)) throw movedMeanwhile()
  })
  await audit(deps, { kind: 'reader', name: reader, remoteAddress }, 'destination-confirm', request)
  return true
}

/** Of a link, in milliseconds. */
const LIFETIME = DAY

/** Requests of one reader in a day: each is a mail. */
const A_DAY = 3

const locked = () =>
  new CodedError('SETTING_LOCKED', 'Your administrator decides where the digests go. Nothing was changed.')

const movedMeanwhile = () =>
  new CodedError(
    'EDIT_CONFLICT',
    'Somebody has changed where the digests go this very moment. Nothing was changed.',
  )

/** A pending confirmation lapses when its mailbox no longer receives the digests. */
const isOver = (request: DestinationRequest, settings: ReaderSettings): boolean =>
  request.isOver || !isSame(settings.deliverTo ?? request.reader, request.movesFrom)

const isOwn = (reader: string, address: string): boolean => readerAddress(address) === reader

const isSame = (one: string, other: string): boolean =>
  (readerAddress(one) ?? one) === (readerAddress(other) ?? other)

/** Back to the own mailbox is no setting, unless the whole domain's digests go elsewhere. */
async function changeTo(deps: DestinationDeps, reader: string, deliverTo: string): Promise<OwnChange> {
  const wider = layersOf(reader).slice(1)
  const inherited = effective(wider, await readScopes(deps.state, wider), deps.standard).deliverTo
  return { deliverTo: isOwn(reader, deliverTo) && inherited === undefined ? null : deliverTo }
}

async function opened(
  deps: DestinationDeps,
  { reader, deliverTo }: DestinationRequest,
  status: OpenedDestination['status'],
): Promise<OpenedDestination> {
  const { language, timeZone } = await readerSettings(deps.state, reader, deps.standard)
  return { reader, deliverTo, language, timeZone, status }
}

async function languageOf(deps: DestinationDeps, reader: string): Promise<string> {
  return (await readerSettings(deps.state, reader, deps.standard)).language
}

const audit = (
  deps: { readonly state: Database<StateTables>; readonly clock: () => number },
  actor: Actor,
  action: 'destination-ask' | 'destination-confirm',
  { reader, deliverTo }: DestinationRequest,
): Promise<void> =>
  recordAudit(
    deps.state,
    { actor, action, recipient: reader, outcome: 'done', detail: deliverTo },
    deps.clock(),
  )
