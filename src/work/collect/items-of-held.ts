import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Directory } from '../../ground/directory/directory.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { answersFor, holdersOf } from '../../ground/directory/readers-of.ts'
import { BY_HAND } from '../../ground/state/waiting-items.ts'
import { reaches } from '../../rules/reach/reach.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import { heldIdOf, itemIdOf } from './item-id.ts'
import { addItems, findItem, type Item, itemFrom, itemOf, itemsOfHeld } from './items.ts'
import { isToCollect, type ToCollectDeps } from './to-collect.ts'

export interface ItemsOfHeldDeps extends ToCollectDeps {
  /** Its answers may be as old as `directory.refresh`. */
  readonly directory: Directory
  readonly clock: () => number
}

/**
 * The item of a held message by which a viewer releases it: the reader's own or, for an admin, that of one of its
 * readers, in reach if there is one. If `collect` has made none, the items of all its readers are made as it would.
 * What `collect` would not come back to, no digest lists later, whatever becomes of the release.
 */
export async function itemForViewer(deps: ItemsOfHeldDeps, viewer: Viewer, row: HeldRow): Promise<Item> {
  const known = await knownItem(deps, viewer, row)
  if (known) return known
  const readers = await readersFor(deps, viewer, row)
  const now = deps.clock()
  const digestId = (await isToCollect(deps, row, now)) ? null : BY_HAND
  await addItems(
    deps.state,
    readers.map(reader => ({ ...itemFrom(row, reader, now), digest_id: digestId })),
  )
  const reader = chosenReader(viewer, readers)
  return (await findItem(deps.state, itemIdOf(row, reader))) ?? itemOf(itemFrom(row, reader, now))
}

async function knownItem(
  { state }: ItemsOfHeldDeps,
  viewer: Viewer,
  row: HeldRow,
): Promise<Item | undefined> {
  if (viewer.as === 'reader') return findItem(state, itemIdOf(row, viewer.visitor.reader))
  const items = await itemsOfHeld(state, [heldIdOf(row)])
  return items.find(({ reader }) => reaches(viewer.reach, reader)) ?? items[0]
}

/** Never empty: a recipient about whom the directory gives no answer stands for itself. */
async function readersFor(
  { directory }: ItemsOfHeldDeps,
  viewer: Viewer,
  { recipient }: HeldRow,
): Promise<readonly string[]> {
  const answer = (await answersFor(directory, [recipient])).get(recipient)
  const holders = answer ? holdersOf(recipient, answer) : []
  const readers = new Set(viewer.as === 'reader' ? [...holders, viewer.visitor.reader] : holders)
  return readers.size > 0 ? [...readers] : [readerAddress(recipient) ?? recipient]
}

function chosenReader(viewer: Viewer, readers: readonly string[]): string {
  if (viewer.as === 'reader') return viewer.visitor.reader
  return readers.find(reader => reaches(viewer.reach, reader)) ?? readers[0] ?? ''
}
