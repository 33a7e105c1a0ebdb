import type { Actor } from '../../ground/audit/record.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { elsewhere } from '../../rules/settings/reader-settings.ts'
import { isReader, layersOf } from '../../rules/settings/scope.ts'
import type { DestinationChange } from './destination-notices.ts'
import { readScopes } from './read-settings.ts'

/** Tells those concerned that an admin lets digests go elsewhere. */
export type OnDestinationChanged = (by: Actor, changes: readonly DestinationChange[]) => Promise<void>

/** A row that names another destination than before; null: none. */
export interface Moved {
  readonly scope: string
  readonly before: string | null
  readonly after: string | null
}

/** Where the digests of these scopes went and go, if it is elsewhere: by all that is set besides. */
export async function movedDestinations(
  state: Pick<Database<StateTables>, 'sql'>,
  moved: readonly Moved[],
): Promise<DestinationChange[]> {
  const now = new Map<string, string | null>()
  for (const chunk of chunks([...new Set(moved.flatMap(({ scope }) => layersOf(scope).slice(1)))])) {
    for (const [scope, { deliverTo }] of await readScopes(state, chunk)) now.set(scope, deliverTo)
  }
  const then = new Map(now)
  for (const { scope, before, after } of moved) {
    now.set(scope, after)
    then.set(scope, before)
  }
  const first = (scope: string, rows: typeof now) =>
    elsewhere(scope, layersOf(scope).flatMap(layer => rows.get(layer) ?? [])[0])
  return moved.map(({ scope }) => ({ scope, from: first(scope, then), to: first(scope, now) })).filter(isMove)
}

/**
 * Tells of those destinations that are others than before. A mail that cannot be sent takes nothing back: the change is
 * made, and its maker hears of it.
 */
export async function reportMovedDestinations(
  deps: { readonly onDestinationChanged: OnDestinationChanged },
  by: Actor,
  changes: readonly DestinationChange[],
): Promise<string[]> {
  const real = changes.filter(isMove)
  const [first] = real
  if (!first) return []
  try {
    await deps.onDestinationChanged(by, real)
    return []
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const what =
      real.length > 1
        ? `${real.length} destinations of digests have changed`
        : `the digests of ${first.scope} go to ${first.to ?? ownOf(first) ?? 'the mailbox of each reader'} now`
    return [`Not everybody concerned could be told that ${what}: ${reason}`]
  }
}

const isMove = (change: DestinationChange): boolean =>
  (change.from ?? ownOf(change)) !== (change.to ?? ownOf(change))

const ownOf = ({ scope }: DestinationChange): string | undefined => (isReader(scope) ? scope : undefined)
