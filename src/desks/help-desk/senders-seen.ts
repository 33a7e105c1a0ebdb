import { readerAddress } from '../../ground/directory/reader-address.ts'
import { CodedError } from '../../ground/errors.ts'
import type { ListsOfOwner } from '../../ground/senders/sender-lists.ts'
import { reaches } from '../../rules/reach/reach.ts'
import type { HelpDeskViewer, ReaderViewer } from '../../rules/reach/viewer.ts'
import { asReader } from '../../rules/reach/visitor.ts'
import { type LookDeps, recordLook } from '../../work/looks/record-look.ts'
import { readableLists } from '../senders/readable-lists.ts'
import type { SenderDesk } from '../senders/sender-desk.ts'

export interface SendersSeenDeps extends LookDeps {
  readonly senders: Pick<SenderDesk, 'ownersOf' | 'lists'>
}

/** A reader's allowed and blocked senders, to be looked at. */
export interface SendersSeen {
  readonly owner: string
  /** What else may be looked at: the addresses that they read in the viewer's reach. */
  readonly owners: readonly string[]
  /** Undefined: they cannot be read now. */
  readonly lists: ListsOfOwner | undefined
}

/**
 * The lists of one of the addresses that a reader reads, where readers keep lists. What is beyond the viewer's reach is
 * refused as what is not the reader's.
 *
 * @param owner empty: the reader's own address
 * @throws CodedError SENDERS_OFF, OUT_OF_REACH, DIRECTORY_UNREACHABLE
 */
export async function sendersSeen(
  deps: SendersSeenDeps,
  viewer: HelpDeskViewer,
  owner: string,
): Promise<SendersSeen> {
  const reader = asTheReader(viewer)
  const wanted = owner === '' ? viewer.visitor.reader : owner
  if (!reaches(viewer.within, readerAddress(wanted) ?? ''))
    throw new CodedError('OUT_OF_REACH', 'These are not the lists of an address that you look after.')
  const [lists, owners] = await Promise.all([
    readableLists(deps.senders.lists(reader, wanted)),
    deps.senders.ownersOf(reader),
  ])
  await recordLook(deps, viewer, 'senders')
  return { owner: wanted, owners: owners.filter(one => reaches(viewer.within, one)), lists }
}

/** Only to read as the reader does: what such a viewer changes would be a reader's change by somebody else. */
export const asTheReader = ({ visitor, actor }: HelpDeskViewer): ReaderViewer => ({
  as: 'reader',
  visitor: asReader(visitor.reader),
  actor,
})
