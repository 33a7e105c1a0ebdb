import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { withinDomains } from '../../ground/database/within-domains.ts'
import { domainOf } from '../../ground/directory/reader-address.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { LEFT_OUT } from '../../ground/state/waiting-items.ts'
import { EVERYBODY, isReader } from '../../rules/settings/scope.ts'

/**
 * Lets what was left out wait again for the readers of some scopes, because the setting has changed there. The next run
 * leaves out again what it should.
 */
export async function awaitLeftOut(
  { sql }: Pick<Database<StateTables>, 'sql'>,
  scopes: readonly string[],
): Promise<void> {
  const isAll = scopes.includes(EVERYBODY)
  const domains = scopes.filter(scope => scope !== EVERYBODY && !isReader(scope)).map(domainOf)
  for (const chunk of chunks(scopes.filter(isReader))) await again(sql).where('reader', 'in', chunk).execute()
  if (isAll) await again(sql).execute()
  else if (domains.length > 0)
    for (const chunk of chunks(domains, DOMAINS))
      await again(sql)
        .where(({ ref }) => withinDomains(ref('reader'), chunk))
        .execute()
}

const again = (sql: Database<StateTables>['sql']) =>
  sql.updateTable('digest_item').set({ digest_id: null }).where('digest_id', '=', LEFT_OUT)

/** A statement compares each item with each of them. */
const DOMAINS = 50
