import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import { quarantinedBeginning } from '../../ground/amavis/quarantine/quarantined-text.ts'
import { withoutExtension } from '../../ground/directory/extension.ts'
import { domainOf, readerAddress } from '../../ground/directory/reader-address.ts'
import { isReader } from '../../ground/directory/readers-of.ts'
import { findUnlessAway } from '../../ground/directory/unless-away.ts'
import { CodedError } from '../../ground/errors.ts'
import { divideMessage } from '../../ground/message/head/amavis-head.ts'
import type { AuthenticationResult } from '../../ground/message/head/findings.ts'
import type { ListsOfOwner } from '../../ground/senders/sender-lists.ts'
import { reaches } from '../../rules/reach/reach.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import type { SenderList, SenderPattern } from '../../rules/senders/sender-entry.ts'
import { senderOfMessage } from '../../rules/senders/sender-of-message.ts'
import { mayBeWide } from '../../rules/senders/wide-entries.ts'
import type { HeldRef } from '../collect/held-ref.ts'
import { oneHeldFor } from '../quarantine/held-for.ts'
import { cautionsOf, type SenderCaution } from './cautions-of.ts'
import { removeEntryOf, setEntryOf, type WrittenEntry } from './change-lists.ts'
import { type EntryEffect, effectOf } from './effect-of.ts'
import { beyondReach, type Owner, requireLists } from './keeper.ts'
import type { SenderDeps } from './sender-deps.ts'

/** What can be offered beside the release of a message. */
export interface SenderOffer {
  /** The entry for the address; undefined: the message has no sender of whom an entry can be made. */
  readonly address: SenderPattern | undefined
  /** The entry for its domain (`@example.com`); undefined: it is freemail, or the owner's own. */
  readonly domain: SenderPattern | undefined
  readonly owner: Owner
  /** What is there now for the address; undefined: nothing, or nobody knows now. */
  readonly present: SenderList | undefined
  /** The same for the domain. */
  readonly presentDomain: SenderList | undefined
  /** What speaks against allowing it. */
  readonly cautions: readonly SenderCaution[]
  /** What allowing the address would have let in besides this message. */
  readonly effect: EntryEffect
}

/** What somebody wants for the sender of a message. */
export interface HeldWish {
  readonly list: SenderList
  /** For everybody of the sender's domain. */
  readonly wide: boolean
  /** A person pressed the page's button. */
  readonly pressed?: boolean | undefined
}

/** An entry made beside a message, and what speaks against it. */
export interface EntryOfHeld extends WrittenEntry {
  readonly cautions: readonly SenderCaution[]
}

/**
 * What can be offered for the sender of a message. While nobody knows what is on the lists, it is offered all the same:
 * writing tells.
 *
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH, SENDERS_OFF
 */
export async function offerOfHeld(deps: SenderDeps, viewer: Viewer, ref: HeldRef): Promise<SenderOffer> {
  const lists = requireLists(deps, viewer)
  const row = await oneHeldFor(deps, viewer, ref)
  const owner = await ownerOf(deps, viewer, row)
  const address = senderOfMessage(row)
  const [held, authentication, effect] = await Promise.all([
    lists.read(owner).catch(nobodyKnows),
    authenticationOf(deps, row),
    address === undefined ? NO_EFFECT : effectOf(deps, owner, address, row),
  ])
  const message = { kind: row.kind, authentication }
  const domain = address === undefined ? undefined : wideEntryOf(deps, address, owner)
  const listOf = (entry: SenderPattern | undefined) =>
    held.entries.find(({ sender }) => sender === entry)?.list
  return {
    address,
    domain,
    owner,
    present: listOf(address),
    presentDomain: listOf(domain),
    cautions: cautionsOf({ list: 'allow', standing: held.standing, message }),
    effect,
  }
}

/**
 * Allows or blocks the sender of a message for its recipient. By a link only the button of a page does: machines follow
 * links, too.
 *
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH, SENDERS_OFF, CONFIRMATION_REQUIRED, SENDER_INVALID, SENDERS_UNREACHABLE,
 * SENDERS_REFUSED
 */
export async function setEntryOfHeld(
  deps: SenderDeps,
  viewer: Viewer,
  ref: HeldRef,
  wish: HeldWish,
): Promise<EntryOfHeld> {
  const { row, owner, sender } = await chosen(deps, viewer, ref, wish)
  const message = { kind: row.kind, authentication: await authenticationOf(deps, row) }
  const written = await setEntryOf(deps, viewer, owner, { sender, list: wish.list })
  const { standing } = written
  return { ...written, cautions: cautionsOf({ list: wish.list, standing, message }) }
}

/**
 * Takes the sender of a message off both lists of its recipient.
 *
 * @returns the entry that was taken off; undefined: there was none
 * @throws CodedError as `setEntryOfHeld`
 */
export async function removeEntryOfHeld(
  deps: SenderDeps,
  viewer: Viewer,
  ref: HeldRef,
  wish: Omit<HeldWish, 'list'>,
): Promise<SenderPattern | undefined> {
  const { owner, sender } = await chosen(deps, viewer, ref, wish)
  return (await removeEntryOf(deps, viewer, owner, sender)) ? sender : undefined
}

/** The entry that a wish is about. */
async function chosen(
  deps: SenderDeps,
  viewer: Viewer,
  ref: HeldRef,
  { wide, pressed }: Omit<HeldWish, 'list'>,
): Promise<{ readonly row: HeldRow; readonly owner: Owner; readonly sender: SenderPattern }> {
  requireLists(deps, viewer)
  const row = await oneHeldFor(deps, viewer, ref)
  const owner = await ownerOf(deps, viewer, row)
  if (viewer.as === 'reader' && viewer.visitor.by === 'link' && !pressed) throw buttonNeeded()
  const address = senderOfMessage(row)
  const sender = wide && address !== undefined ? wideEntryOf(deps, address, owner) : address
  if (sender === undefined) throw noSender(wide && address !== undefined)
  return { row, owner, sender }
}

/** @returns undefined where there may be none: see `mayBeWide` */
function wideEntryOf(
  { ownDomains }: SenderDeps,
  address: SenderPattern,
  owner: Owner,
): SenderPattern | undefined {
  const domain = domainOf(address)
  return mayBeWide(domain, [domainOf(owner), ...ownDomains]) ? `@${domain}` : undefined
}

const NO_EFFECT: EntryEffect = { count: 0, isAtLeast: false }

function nobodyKnows(error: unknown): ListsOfOwner {
  if (!(error instanceof CodedError)) throw error
  return { entries: [], standing: 'follows' }
}

/**
 * Whose lists amavisd looks up for a message: its recipient's. Where an extension is dropped, the address without it, if
 * that is theirs as well.
 */
async function ownerOf(deps: SenderDeps, viewer: Viewer, { recipient }: HeldRow): Promise<Owner> {
  const address = readerAddress(recipient)
  if (address === undefined) throw beyondReach()
  const bare = withoutExtension(address, deps.recipientDelimiter)
  return bare !== undefined && (await keeps(deps, viewer, bare)) ? bare : address
}

async function keeps({ directory }: SenderDeps, viewer: Viewer, address: string): Promise<boolean> {
  if (viewer.as === 'admin') return reaches(viewer.reach, address)
  const answer = (await findUnlessAway(directory, [address])).get(address)
  return answer !== undefined && isReader(answer, viewer.visitor.reader)
}

/** What amavisd left about it above its own `Received`; a sender writes the same below it. */
async function authenticationOf(
  { storage }: SenderDeps,
  row: HeldRow,
): Promise<readonly AuthenticationResult[]> {
  const octets = await quarantinedBeginning(storage, row)
  return (octets && divideMessage(octets, row.mailId).findings?.authentication) ?? []
}

const buttonNeeded = () =>
  new CodedError(
    'CONFIRMATION_REQUIRED',
    'Only the button on the page allows or blocks a sender: it sends button=yes.',
  )

const noSender = (isDomain: boolean) =>
  new CodedError(
    'SENDER_INVALID',
    isDomain
      ? 'Too many people write from this domain, or it is your own. Allow or block the address alone.'
      : 'This message has no sender whose mail could be told by an address.',
  )
