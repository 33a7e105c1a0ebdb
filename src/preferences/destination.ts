import { type Actor, recordAudit } from '../audit/record.ts'
import type { Database } from '../database/database.ts'
import { newId } from '../database/id.ts'
import type { StateTables } from '../database/state-tables.ts'
import type { LinkDeps } from '../digest/find-digest.ts'
import { domainOf, readerAddress } from '../directory/reader-address.ts'
import { CodedError } from '../errors.ts'
import { requireBinding, verifyToken } from '../links/token.ts'
import type { Urls } from '../links/urls.ts'
import { type OwnChange, type SettingsDeps, setOwnSettings } from './change-settings.ts'
import {
  confirmationLetter,
  type DestinationLetters,
  newDestinationLetter,
  sendLetter,
} from './destination-letters.ts'
import {
  claimRequest,
  countRequests,
  type DestinationRequest,
  endRequests,
  findRequest,
  insertRequest,
  removeRequest,
} from './destination-requests.ts'
import { layersOf } from './scope.ts'
import type { LockField } from './scope-settings.ts'
import { effective, readScopes, settingsOf } from './settings.ts'

export type DestinationDeps = LinkDeps &
  SettingsDeps &
  DestinationLetters & { readonly urls: Pick<Urls, 'destination'> }

/** A reader's wish to get the digests elsewhere. */
export interface DestinationWish {
  readonly reader: string
  /** Where they go now. */
  readonly now: string
  readonly wanted: string
  readonly locked: readonly LockField[]
}

export type DestinationAsked =
  /** A mail with a link went to where the digests go now. */
  | { readonly status: 'asked'; readonly wanted: string; readonly now: string }
  /** No address, or the one where they go now. */
  | { readonly status: 'refused'; readonly wanted: string }
  | { readonly status: 'too-often' }

/**
 * Asks, where a reader's digests go now, whether they shall go elsewhere: whoever has the preferences link alone, by a
 * forwarded digest for instance, can redirect nothing.
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
  if (wanted === undefined || !(await isElsewhere(deps, wish, wanted))) {
    return { status: 'refused', wanted: wish.wanted }
  }
  const now = deps.clock()
  const request: DestinationRequest = {
    requestId: newId(now),
    reader: wish.reader,
    deliverTo: wanted,
    expiresAt: now + LIFETIME,
    isOver: false,
  }
  await insertRequest(deps.state, request, now)
  // Counted afterwards: of two at the same time, neither passes unseen.
  if ((await countRequests(deps.state, wish.reader, now - DAY)) > A_DAY) {
    await removeRequest(deps.state, request.requestId)
    return { status: 'too-often' }
  }
  const link = deps.urls.destination(request, now)
  const letter = confirmationLetter(deps, await languageOf(deps, wish.reader), {
    ...request,
    from: wish.now,
    link,
  })
  const isSent = await sendLetter(deps, letter)
  if (!isSent) {
    await removeRequest(deps.state, request.requestId)
    throw new CodedError(
      'SMTP_UNREACHABLE',
      'The mail to confirm this with could not be sent. Try again later.',
    )
  }
  await audit(deps, actor, 'destination-ask', request)
  return { status: 'asked', wanted, now: wish.now }
}

/** What the link of the confirmation mail leads to. */
export interface OpenedDestination {
  readonly reader: string
  readonly deliverTo: string
  readonly language: string
  readonly timeZone: string
  readonly status: 'open' | 'done' | 'over'
}

/** Changes nothing. @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE */
export async function openDestination(deps: DestinationDeps, token: string): Promise<OpenedDestination> {
  const request = await requestOf(deps, token)
  return opened(deps, request, request.isOver ? 'over' : 'open')
}

/**
 * Lets the digests go where the request says, once; every other request of the reader is void then.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE, SETTING_LOCKED
 */
export async function confirmDestination(
  deps: DestinationDeps,
  token: string,
  remoteAddress: string | null,
): Promise<OpenedDestination> {
  const request = await requestOf(deps, token)
  const { reader, deliverTo } = request
  const before = (await settingsOf(deps.state, [reader], deps.standard)).get(reader)
  if (before?.locked.includes('deliverTo')) throw locked()
  const now = deps.clock()
  if (!(await claimRequest(deps.state, request.requestId, now))) return opened(deps, request, 'over')
  await endRequests(deps.state, reader, now)
  await setOwnSettings(deps, reader, changeTo(reader, deliverTo), remoteAddress)
  await audit(deps, { kind: 'reader', name: reader, remoteAddress }, 'destination-confirm', request)
  await sendLetter(deps, newDestinationLetter(deps, await languageOf(deps, reader), reader, deliverTo))
  return opened(deps, request, 'done')
}

const DAY = 86_400_000

/** Of a link, in milliseconds. */
const LIFETIME = DAY

/** Requests of one reader in a day: each is a mail. */
const A_DAY = 3

const locked = () =>
  new CodedError('SETTING_LOCKED', 'Your administrator decides where the digests go. Nothing was changed.')

/** In the spelling that it was written in, since local parts may differ by case; its domain as A-labels. */
function mailableAddress(text: string): string | undefined {
  const trimmed = text.trim()
  const address = readerAddress(trimmed)
  if (address === undefined || /[<>]/.test(trimmed) || address.length > LONGEST_ADDRESS) return undefined
  return `${trimmed.slice(0, trimmed.lastIndexOf('@'))}@${domainOf(address)}`
}

/** RFC 5321, 4.5.3.1.3, without the brackets. */
const LONGEST_ADDRESS = 254

/** Back to the own mailbox leads nowhere where an admin has sent the whole domain's digests away. */
async function isElsewhere(deps: DestinationDeps, wish: DestinationWish, wanted: string): Promise<boolean> {
  const address = readerAddress(wanted)
  if (address === readerAddress(wish.now)) return false
  if (address !== wish.reader) return true
  const wider = layersOf(wish.reader).slice(1)
  return effective(wider, await readScopes(deps.state, wider), deps.standard).deliverTo === undefined
}

/** Back to the own mailbox is no setting. */
const changeTo = (reader: string, deliverTo: string): OwnChange => ({
  deliverTo: readerAddress(deliverTo) === reader ? null : deliverTo,
})

async function requestOf(deps: DestinationDeps, token: string): Promise<DestinationRequest> {
  const now = deps.clock()
  const link = verifyToken(token, 'destination', id => deps.keys.find(id, now), now)
  const request = await findRequest(deps.state, link.subject)
  if (!request) throw new CodedError('MESSAGE_GONE', 'This request is not kept any more.')
  requireBinding(link, request.requestId, request.reader)
  return request
}

async function opened(
  deps: DestinationDeps,
  { reader, deliverTo }: DestinationRequest,
  status: OpenedDestination['status'],
): Promise<OpenedDestination> {
  const settings = (await settingsOf(deps.state, [reader], deps.standard)).get(reader)
  const { language, timeZone } = settings ?? deps.standard
  return { reader, deliverTo, language, timeZone, status }
}

async function languageOf(deps: DestinationDeps, reader: string): Promise<string> {
  return (
    (await settingsOf(deps.state, [reader], deps.standard)).get(reader)?.language ?? deps.standard.language
  )
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
