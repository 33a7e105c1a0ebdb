import type { Database } from '../../../ground/database/database.ts'
import { domainOf } from '../../../ground/directory/reader-address.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { type Reach, requireAll } from '../../../rules/reach/reach.ts'
import { EVERYBODY, isReader } from '../../../rules/settings/scope.ts'
import { scopesNaming } from '../../../work/schedules/schedule-users.ts'
import { searchReaders } from './search-readers.ts'

/** A scope whose settings name a schedule. */
export interface ScopeOfSchedule {
  readonly scope: string
  /** True for a domain of which no reader is known: it may be misspelt. */
  readonly isUnknown: boolean
}

/**
 * Lists the first few scopes that name a schedule. They are sorted, so domains come before most readers.
 * @throws CodedError OUT_OF_REACH
 */
export async function scopesOfSchedule(
  { state }: { readonly state: Database<StateTables> },
  reach: Reach,
  name: string,
): Promise<ScopeOfSchedule[]> {
  requireAll(reach)
  const shown: ScopeOfSchedule[] = []
  for (const scope of await scopesNaming(state.sql, name, FEW)) {
    shown.push({ scope, isUnknown: !isReader(scope) && scope !== EVERYBODY && (await isEmpty(state, scope)) })
  }
  return shown
}

const FEW = 5

async function isEmpty(state: Database<StateTables>, domain: string): Promise<boolean> {
  const { readers, cut } = await searchReaders(state, [domainOf(domain)], { limit: 1 })
  return readers.length === 0 && !cut
}
