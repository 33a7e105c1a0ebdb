import type { Actor } from '../../ground/audit/record.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { destinationElsewhere } from '../../rules/settings/reader-settings.ts'
import { isReader, layersOf } from '../../rules/settings/scope.ts'
import type { DestinationChange } from './destination-notices.ts'
import { readScopes } from './read-settings.ts'

/** Tells the people concerned that an admin has changed where digests go. */
export type OnDestinationChanged = (by: Actor, changes: readonly DestinationChange[]) => Promise<void>

/** A row of settings whose destination has changed; null means that the row sets none. */
export interface MovedRow {
  readonly scope: string
  readonly before: string | null
  readonly after: string | null
}

/**
 * The scopes of these rows whose digests go elsewhere than before, taking the settings of wider scopes into account.
 */
export async function movedDestinations(
  state: Pick<Database<StateTables>, 'sql'>,
  changed: readonly MovedRow[],
): Promise<DestinationChange[]> {
  const now = new Map<string, string | null>()
  for (const chunk of chunks([...new Set(changed.flatMap(({ scope }) => layersOf(scope).slice(1)))])) {
    for (const [scope, { deliverTo }] of await readScopes(state, chunk)) now.set(scope, deliverTo)
  }
  const then = new Map(now)
  for (const { scope, before, after } of changed) {
    now.set(scope, after)
    then.set(scope, before)
  }
  const destinationOf = (scope: string, rows: typeof now) =>
    destinationElsewhere(scope, layersOf(scope).flatMap(layer => rows.get(layer) ?? [])[0])
  return changed
    .map(({ scope }) => ({ scope, from: destinationOf(scope, then), to: destinationOf(scope, now) }))
    .filter(isMove)
}

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
  const moves = changes.filter(isMove)
  const [first] = moves
  if (!first) return []
  try {
    await deps.onDestinationChanged(by, moves)
    return []
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const what =
      moves.length > 1
        ? `${moves.length} destinations of digests have changed`
        : `the digests of ${first.scope} go to ${first.to ?? ownOf(first) ?? 'the mailbox of each reader'} now`
    return [`Not everybody concerned could be told that ${what}: ${reason}`]
  }
}

const isMove = (change: DestinationChange): boolean =>
  (change.from ?? ownOf(change)) !== (change.to ?? ownOf(change))

const ownOf = ({ scope }: DestinationChange): string | undefined => (isReader(scope) ? scope : undefined)
