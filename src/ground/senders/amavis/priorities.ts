import type { Database } from '../../database/database.ts'
import { EVERYBODY } from '../../directory/amavis/lookup-keys.ts'
import type { LookupTables } from './lookup-tables.ts'

/** `mailaddr.priority`, after the examples in amavisd's README.sql: of two entries that match, the more specific counts. */
export function priorityOfSender(sender: string): number {
  if (!sender.startsWith('@')) return 9
  if (!sender.startsWith('@.')) return 5
  return Math.min(4, 1 + sender.slice(2).split('.').length)
}

/**
 * `users.priority` of a new row: after the examples in README.sql-mysql, but above the row whose fields it repeats. For a
 * domain also below the rows of its addresses, which otherwise would lose their own policies. Where there is no number
 * between, the row is level with the one it repeats: which of the two comes first makes no difference to policies.
 *
 * @param best the priority of the row that it repeats, if there is one
 */
export async function priorityOfOwner(
  database: Database<LookupTables>,
  key: string,
  best: number | undefined,
): Promise<number> {
  const above = (best ?? -1) + 1
  if (!key.startsWith('@')) return Math.max(USUAL.address, above)
  const lowest = await lowestWithin(database, key)
  const usual = key === EVERYBODY ? USUAL.everybody : key.startsWith('@.') ? USUAL.subdomains : USUAL.domain
  if (lowest === undefined) return Math.max(usual, above)
  return lowest > above ? Math.min(Math.max(usual, above), lowest - 1) : (best ?? Math.min(usual, lowest))
}

const USUAL = { address: 7, domain: 5, subdomains: 3, everybody: 0 }

/** The lowest priority among the rows of those whom a key means. Only admins keep lists of domains, so it may read all. */
async function lowestWithin({ sql }: Database<LookupTables>, key: string): Promise<number | undefined> {
  const patterns =
    key === EVERYBODY
      ? ['%_']
      : key.startsWith('@.')
        ? [`%_@${key.slice(2)}`, `%@%${key.slice(1)}`]
        : [`%_${key}`]
  const { lowest } = await sql
    .selectFrom('users')
    .select(({ fn }) => fn.min('priority').as('lowest'))
    .where(({ eb, or }) => or(patterns.map(pattern => eb('email', 'like', pattern))))
    .where('email', '!=', key)
    .executeTakeFirstOrThrow()
  return lowest === null ? undefined : Number(lowest)
}
