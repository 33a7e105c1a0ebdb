import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'

/** The condition that a column of addresses (or scopes) belongs to one of `domains`; undefined means all domains. */
export function withinDomains(
  column: Expression<string | null>,
  domains: readonly string[] | undefined,
): RawBuilder<SqlBool> {
  if (domains === undefined) return sql`1 = 1`
  if (domains.length === 0) return sql`1 = 0`
  return sql`(${sql.join(
    domains.map(domain => like(column, `%@${escaped(domain)}`)),
    sql` or `,
  )})`
}

/** The condition that a column contains a text. */
export const contains = (column: Expression<string | null>, text: string): RawBuilder<SqlBool> =>
  like(column, `%${escaped(text)}%`)

/** The condition that a column begins with a text. */
export const begins = (column: Expression<string | null>, text: string): RawBuilder<SqlBool> =>
  like(column, `${escaped(text)}%`)

const like = (column: Expression<string | null>, pattern: string): RawBuilder<SqlBool> =>
  sql`${column} like ${pattern} escape '!'`

const escaped = (text: string): string => text.replace(/[!%_]/g, '!$&')
