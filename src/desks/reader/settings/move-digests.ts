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
import { requirePermission, type Visitor } from '../../../rules/reach/visitor.ts'
import { effectiveSettings, type ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import { layersOf } from '../../../rules/settings/scope.ts'
import type { LockField } from '../../../rules/settings/setting-fields.ts'
import { type ButtonDeps, needsButton, refuseWithoutButton } from '../../../work/clicks/press-button.ts'
import {
  confirmationLetter,
  type DestinationLetters,
  movedOnLetter,
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
import { withoutDirectory } from '../../../work/settings/standards.ts'
import { ownMailbox } from './own-mailbox.ts'
import { type OwnChange, type OwnSettingsDeps, setOwnSettings } from './own-settings.ts'

export type DestinationDeps = OwnSettingsDeps &
  ButtonDeps &
  DestinationLetters & {
    readonly urls: Pick<Urls, 'destination'>
    /** The sender address of our own mails: nobody reads a digest there. */
    readonly sender: string
  }

/** What a reader wishes: that the digests go elsewhere. */
export interface DestinationWish {
  readonly reader: string
  /** The reader's own mailbox, in the spelling of the mail system. */
  readonly mailbox: string
  /** Where they go now. */
  readonly now: string
  readonly wanted: string
  readonly locked: readonly LockField[]
}

export type DestinationAsked =
  /** A mail with a link was sent to `to`: where the digests go now, or the reader's own mailbox. */
  | { readonly status: 'asked'; readonly wanted: string; readonly to: string }
  /** The address is not one that digests can go to, or they already go there. */
  | { readonly status: 'refused'; readonly wanted: string }
  | { readonly status: 'too-often' }

/**
 * Asks for confirmation that a reader's digests shall go elsewhere. The question goes to where the digests go now, so
 * that the preferences link alone, in a forwarded digest for instance, redirects nothing. A wish to get them back to
 * the reader's own mailbox is confirmed in that mailbox, because they may be going elsewhere by mistake.
 *
 * @throws CodedError SETTING_LOCKED, SMTP_UNREACHABLE
 */
export async function askForDestination(
  deps: DestinationDeps,
  wish: DestinationWish,
  actor: Actor,
): Promise<DestinationAsked> {
  if (wish.locked.includes('deliverTo')) throw locked()
  const wanted = mailableAddress(wish.wanted) ?? ownAddress(wish)
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
  // Counted after the insert, so that two requests at the same time cannot both miss each other.
  if ((await countRequests(deps.state, wish.reader, now - DAY, now)) > MAX_PER_DAY) {
    await removeRequest(deps.state, request.requestId)
    return { status: 'too-often' }
  }
  const link = deps.urls.destination(request, now)
  const to = isOwn(wish.reader, wanted) ? wish.mailbox : wish.now
  const letter = confirmationLetter(deps, await languageOf(deps, wish.reader), { ...request, from: to, link })
  const isSent = await sendLetter(deps, letter)
  if (!isSent) {
    await removeRequest(deps.state, request.requestId)
    throw new CodedError('SMTP_UNREACHABLE', 'The confirmation mail could not be sent. Try again later.')
  }
  await audit(deps, actor, 'destination-ask', request)
  return { status: 'asked', wanted, to }
}

/** What the link in the confirmation mail opens. */
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
  requirePermission(visitor, 'destination', request.reader)
  const settings = await readerSettings(deps.state, request.reader, deps.standard)
  return opened(deps, request, isOver(request, settings) ? 'over' : 'open')
}

/**
 * Sends the digests to the destination of a request from now on. A request works once, and it voids every other request
 * of the reader. It is void itself if the digests have been sent elsewhere in the meantime.
 *
 * A machine that reads the reader's digests may read the mail with this link, too: then only the button confirms.
 *
 * @throws CodedError OUT_OF_REACH, SETTING_LOCKED, EDIT_CONFLICT, CONFIRMATION_REQUIRED
 */
export async function confirmDestination(
  deps: DestinationDeps,
  visitor: Visitor,
  request: DestinationRequest,
  { pressed, remoteAddress }: { readonly pressed: boolean; readonly remoteAddress: string | null },
): Promise<OpenedDestination> {
  requirePermission(visitor, 'destination', request.reader)
  const { reader, deliverTo } = request
  const settings = await readerSettings(deps.state, reader, deps.standard)
  if (isOver(request, settings)) return opened(deps, request, 'over')
  if (!pressed && (await needsButton(deps, visitor, reader, deps.clock() - MACHINE_REMEMBERED))) {
    const actor = { kind: 'reader', name: reader, remoteAddress } as const
    await refuseWithoutButton(deps, { actor, action: 'destination-confirm', recipient: reader })
  }
  const isMoved = await inTransaction(deps.state, sql =>
    move(
      { ...deps, standard: withoutDirectory(deps.standard), state: { ...deps.state, sql } },
      request,
      remoteAddress,
    ),
  )
  if (!isMoved) return opened(deps, request, 'over')
  const language = await languageOf(deps, reader)
  await sendLetter(deps, newDestinationLetter(deps, language, reader, deliverTo))
  if (isOwn(reader, deliverTo)) {
    await sendLetter(deps, takenBackLetter(deps, language, { reader, to: deliverTo, at: request.movesFrom }))
  } else if (!isOwn(reader, request.movesFrom)) {
    // Whoever reads the digests now has confirmed it, and the reader would not know.
    const at = await ownMailbox(deps.state, reader)
    await sendLetter(deps, movedOnLetter(deps, language, { reader, to: deliverTo, at }))
  }
  return opened(deps, request, 'done')
}

/** @returns whether the request was still valid. @throws CodedError SETTING_LOCKED, EDIT_CONFLICT */
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
  await setOwnSettings(deps, reader, change, remoteAddress, current => {
    if (isOver(request, current)) throw movedMeanwhile()
  })
  await audit(deps, { kind: 'reader', name: reader, remoteAddress }, 'destination-confirm', request)
  return true
}

/** For how long a machine that read a digest is taken to read the reader's mail, in milliseconds. */
const MACHINE_REMEMBERED = 60 * DAY

/** How long the link in the confirmation mail works, in milliseconds. */
const LIFETIME = DAY

/** Requests of one reader: each one sends a mail. */
const MAX_PER_DAY = 3

const locked = () =>
  new CodedError('SETTING_LOCKED', 'Your administrator decides where the digests go. Nothing was changed.')

const movedMeanwhile = () =>
  new CodedError(
    'EDIT_CONFLICT',
    'Somebody else changed where the digests go at the same moment. Your change was not made.',
  )

/** A pending confirmation lapses when its mailbox no longer receives the digests. */
const isOver = (request: DestinationRequest, settings: ReaderSettings): boolean =>
  request.isOver || !isSame(settings.deliverTo ?? request.reader, request.movesFrom)

/** The reader's own mailbox is a destination even where `mailableAddress` knows of no such domain. */
const ownAddress = ({ reader, mailbox, wanted }: DestinationWish): string | undefined =>
  isOwn(reader, wanted.trim()) ? mailbox : undefined

const isOwn = (reader: string, address: string): boolean => readerAddress(address) === reader

const isSame = (a: string, b: string): boolean => (readerAddress(a) ?? a) === (readerAddress(b) ?? b)

/** Going back to the reader's own mailbox clears the setting, unless a wider scope sends the digests elsewhere. */
async function changeTo(deps: DestinationDeps, reader: string, deliverTo: string): Promise<OwnChange> {
  const wider = layersOf(reader).slice(1)
  const inherited = effectiveSettings(wider, await readScopes(deps.state, wider), deps.standard).deliverTo
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
