import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { findItems, type Item, itemsOfHeld } from '../collect/items.ts'
import type { ReleaseRow } from './claims.ts'

type Asked = Pick<ReleaseRow, 'heldId' | 'askedItem'>

/** The item that a release is about; undefined when none of the message is kept. */
export const findItemOfRelease = async (
  state: Database<StateTables>,
  release: Asked,
): Promise<Item | undefined> => (await findItemsOfReleases(state, [release])).get(release.heldId)

/**
 * The items that releases are about, by `heldId`: those by which they were asked for. If such an item is not kept any
 * more, that of another reader of the message takes its place, because amavisd knows one message for one recipient.
 */
export async function findItemsOfReleases(
  state: Database<StateTables>,
  releases: readonly Asked[],
): Promise<Map<string, Item>> {
  const found = new Map<string, Item>()
  for (const chunk of chunks(releases)) {
    const asked = await findItems(
      state,
      chunk.map(release => release.askedItem),
    )
    for (const item of asked) found.set(item.heldId, item)
    const missing = chunk.map(({ heldId }) => heldId).filter(heldId => !found.has(heldId))
    for (const item of await itemsOfHeld(state, missing)) found.set(item.heldId, item)
  }
  return found
}
