import { isReader } from '../../ground/directory/readers-of.ts'
import { CodedError } from '../../ground/errors.ts'
import type { SenderLists } from '../../ground/senders/sender-lists.ts'
import { reaches, reachesAll } from '../../rules/reach/reach.ts'
import { mayInQuarantine, type ReaderViewer, type Viewer } from '../../rules/reach/viewer.ts'
import { ALL_OWNERS, ownerNamed } from '../../rules/senders/owner.ts'
import { addressesOf } from '../quarantine/list/addresses-of.ts'
import type { SenderDeps } from './sender-deps.ts'

/** Whose mail entries are about: `alice@example.com`, `@example.com`, or `@.` for everybody's. */
export type Owner = string

/** Whether entries are written anywhere, and this viewer may have them written. */
export const mayKeepLists = (
  { senderLists, readersKeepLists }: Pick<SenderDeps, 'senderLists' | 'readersKeepLists'>,
  viewer: Viewer,
): boolean =>
  senderLists !== undefined &&
  (viewer.as === 'admin' || readersKeepLists) &&
  mayInQuarantine(viewer, 'senders')

/** The lists, for who may keep some. @throws CodedError SENDERS_OFF, OUT_OF_REACH */
export function requireLists(deps: SenderDeps, viewer: Viewer): SenderLists {
  const { senderLists } = deps
  if (!senderLists)
    throw new CodedError(
      'SENDERS_OFF',
      'No allow and block lists are kept here. Set senders.kind to keep them.',
    )
  if (viewer.as === 'reader' && !deps.readersKeepLists)
    throw new CodedError(
      'SENDERS_OFF',
      'Only admins allow and block senders here. Ask your mail administrator.',
    )
  if (!mayKeepLists(deps, viewer)) throw beyondReach()
  return senderLists
}

/**
 * The owner in the form in which lists are kept, if this viewer keeps lists for it: a reader who has signed in, for the
 * addresses that the directory says they read; an admin, for addresses and domains in reach, and one of all domains for
 * everybody. What is not theirs is refused alike, whether or not it exists.
 *
 * @throws CodedError OUT_OF_REACH; DIRECTORY_UNREACHABLE when nobody knows whose the address is
 */
export async function requireOwner(deps: SenderDeps, viewer: Viewer, owner: string): Promise<Owner> {
  const kept = ownerNamed(owner)
  if (kept === undefined) throw beyondReach()
  const isTheirs = viewer.as === 'admin' ? reachesOwner(viewer.reach, kept) : await reads(deps, viewer, kept)
  if (!isTheirs) throw beyondReach()
  return kept
}

/** The owners whose lists a reader keeps: the addresses that they read, their own first. */
export async function ownersOf(deps: SenderDeps, viewer: Viewer): Promise<readonly Owner[]> {
  if (viewer.as === 'admin' || viewer.only || !mayKeepLists(deps, viewer)) return []
  const own = viewer.visitor.reader
  const addresses = await addressesOf(deps, own)
  return addresses.toSorted((a, b) => Number(b === own) - Number(a === own) || (a < b ? -1 : 1))
}

const reachesOwner = (reach: readonly string[] | undefined, owner: Owner): boolean =>
  owner === ALL_OWNERS ? reachesAll(reach) : reaches(reach, owner)

/** A link leads to the lists of one message, and to no owner's. */
async function reads(deps: SenderDeps, { visitor, only }: ReaderViewer, owner: Owner): Promise<boolean> {
  if (only || visitor.by === 'link' || owner.startsWith('@')) return false
  const answer = (await deps.directory.find([owner])).get(owner)
  if (!answer)
    throw new CodedError(
      'DIRECTORY_UNREACHABLE',
      'The directory that knows whose mail this is cannot be reached. Try again in a minute.',
    )
  return isReader(answer, visitor.reader)
}

/** The same for what is not there and for what is not theirs. */
export const beyondReach = () =>
  new CodedError('OUT_OF_REACH', 'These are not the lists of an address or domain that you look after.')
