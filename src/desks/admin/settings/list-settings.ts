import type { Database } from '../../../ground/database/database.ts'
import { type Page, walkPages } from '../../../ground/database/walk-by-key.ts'
import { contains, withinDomains } from '../../../ground/database/within-domains.ts'
import { domainName } from '../../../ground/directory/reader-address.ts'
import { spellingsOf } from '../../../ground/directory/spellings.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { type Reach, requireReach } from '../../../rules/reach/reach.ts'
import { scopeOf } from '../../../rules/settings/scope.ts'
import { type ScopeSettings, scopeSettingsOf } from '../../../rules/settings/setting-fields.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import { requireScope } from './change-settings.ts'

export interface SettingsListing {
  /** The last scope of the previous page. */
  readonly after?: string | undefined
  readonly limit: number
  /** A part of the address. */
  readonly search?: string | undefined
  /** Only these domains and their readers; empty: all. */
  readonly domains?: readonly string[] | undefined
}

export interface ListDeps {
  readonly state: Database<StateTables>
}

/**
 * Lists one page of settings, in the order of their scopes.
 *
 * @throws CodedError SETTING_INVALID, OUT_OF_REACH (a domain)
 */
export async function listSettings(
  deps: ListDeps,
  reach: Reach,
  { after = '', limit, search = '', domains = [] }: SettingsListing,
): Promise<Page<ScopeSettings>> {
  const within = domains.length === 0 ? reach : domains.map(text => domainWithin(reach, text))
  const size = Math.min(Math.max(1, limit), MAX_PAGE_SIZE)
  const texts = search.trim() === '' ? [] : spellingsOf(search)
  const found = await deps.state.sql
    .selectFrom('digest_preference')
    .selectAll()
    .where('scope', '>', after)
    .where(({ ref }) => withinDomains(ref('scope'), within))
    .$if(texts.length > 0, query =>
      query.where(({ or, ref }) => or(texts.map(text => contains(ref('scope'), text)))),
    )
    .orderBy('scope')
    .limit(size + 1)
    .execute()
  const rows = found.slice(0, size).map(scopeSettingsOf)
  return { rows, next: found.length > size ? rows.at(-1)?.scope : undefined }
}

/**
 * Yields all settings, page by page, in the order of their scopes.
 *
 * @throws CodedError SETTING_INVALID, OUT_OF_REACH (a domain)
 */
export const walkSettings = (
  deps: ListDeps,
  reach: Reach,
  { search, domains }: Pick<SettingsListing, 'search' | 'domains'>,
): AsyncGenerator<readonly ScopeSettings[]> =>
  walkPages(after => listSettings(deps, reach, { after, limit: MAX_PAGE_SIZE, search, domains }))

/** @throws CodedError SETTING_INVALID, OUT_OF_REACH */
export async function findSettings(
  deps: ListDeps,
  reach: Reach,
  scopeText: string,
): Promise<ScopeSettings | undefined> {
  const scope = scopeOf(scopeText)
  requireScope(reach, scope)
  return (await readScopes(deps.state, [scope])).get(scope)
}

const MAX_PAGE_SIZE = 1000

function domainWithin(reach: Reach, text: string): string {
  const domain = domainName(text)
  if (domain === undefined) {
    const found = JSON.stringify(text.slice(0, 100))
    throw new CodedError('SETTING_INVALID', `${found}: expected a domain such as example.com.`)
  }
  requireReach(reach, `@${domain}`)
  return domain
}
