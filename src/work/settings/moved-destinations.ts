import { isDeepStrictEqual } from 'node:util'
import type { Actor } from '../../ground/audit/record.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { destinationElsewhere, type ReaderSettings } from '../../rules/settings/reader-settings.ts'
import { isReader, layersOf } from '../../rules/settings/scope.ts'
import type { SettingFields } from '../../rules/settings/setting-fields.ts'
import { copyWords } from '../../rules/settings/settings-words.ts'
import { type DestinationChange, isMove } from './destination-notices.ts'
import { readScopes } from './read-settings.ts'

/** Tells the people concerned that an admin has changed where digests go. */
export type OnDestinationChanged = (by: Actor, changes: readonly DestinationChange[]) => Promise<void>

/** A row of settings in which a destination has changed; null means that the row sets none. */
export interface MovedRow {
  readonly scope: string
  readonly before: Destinations
  readonly after: Destinations
}

/** Where digests and copies of them go. */
export type Destinations = Pick<SettingFields, 'deliverTo' | 'copyTo'>

/**
 * The scopes of these rows whose digests or copies go elsewhere than before, taking the settings of wider scopes into
 * account.
 */
export async function movedDestinations(
  state: Pick<Database<StateTables>, 'sql'>,
  changed: readonly MovedRow[],
): Promise<DestinationChange[]> {
  const now = new Map<string, Destinations>()
  for (const chunk of chunks([...new Set(changed.flatMap(({ scope }) => layersOf(scope).slice(1)))])) {
    for (const [scope, row] of await readScopes(state, chunk)) now.set(scope, row)
  }
  const then = new Map(now)
  for (const { scope, before, after } of changed) {
    now.set(scope, after)
    then.set(scope, before)
  }
  const found = (scope: string, rows: typeof now) => {
    const layers = layersOf(scope).flatMap(layer => rows.get(layer) ?? [])
    return {
      deliverTo: destinationElsewhere(scope, layers.flatMap(({ deliverTo }) => deliverTo ?? [])[0]),
      copyTo: layers.find(({ copyTo }) => copyTo !== null)?.copyTo ?? [],
    }
  }
  return changed
    .map(({ scope }) => destinationChange(scope, found(scope, then), found(scope, now)))
    .filter(isToBeReported)
}

/** What has changed about where the digests of a scope and copies of them go. */
export const destinationChange = (
  scope: string,
  before: Pick<ReaderSettings, 'deliverTo' | 'copyTo'>,
  after: Pick<ReaderSettings, 'deliverTo' | 'copyTo'>,
): DestinationChange => ({
  scope,
  from: before.deliverTo,
  to: after.deliverTo,
  ...(isDeepStrictEqual(before.copyTo, after.copyTo)
    ? {}
    : { copies: { from: before.copyTo, to: after.copyTo } }),
})

const isToBeReported = (change: DestinationChange): boolean => isMove(change) || change.copies !== undefined

/**
 * Reports the destinations that have changed. A mail that cannot be sent does not undo the change; the admin who made
 * it gets a warning.
 *
 * @returns the warnings
 */
export async function reportMovedDestinations(
  deps: { readonly onDestinationChanged: OnDestinationChanged },
  by: Actor,
  changes: readonly DestinationChange[],
): Promise<string[]> {
  const moves = changes.filter(isToBeReported)
  const [first] = moves
  if (!first) return []
  try {
    await deps.onDestinationChanged(by, moves)
    return []
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const what = moves.length > 1 ? `${moves.length} destinations of digests have changed` : whatMoved(first)
    return [`Not everybody concerned could be told that ${what}: ${reason}`]
  }
}

function whatMoved(change: DestinationChange): string {
  const { scope, to, copies } = change
  if (!isMove(change)) return `copies of the digests of ${scope} go to ${copyWords(copies?.to ?? [])} now`
  return `the digests of ${scope} go to ${to ?? ownOf(change) ?? 'the mailbox of each reader'} now`
}

const ownOf = ({ scope }: DestinationChange): string | undefined => (isReader(scope) ? scope : undefined)
