import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'

/** A condition on a column of readers' addresses (or of scopes): that they belong to domains. Undefined reach: all. */
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

/** That a column holds a text somewhere. */
export const contains = (column: Expression<string | null>, text: string): RawBuilder<SqlBool> =>
  like(column, `%${escaped(text)}%`)

/** That a column begins with a text. */
export const begins = (column: Expression<string | null>, text: string): RawBuilder<SqlBool> =>
  like(column, `${escaped(text)}%`)

const like = (column: Expression<string | null>, pattern: string): RawBuilder<SqlBool> =>
  sql`${column} like ${pattern} escape '!'`

const escaped = (text: string): string => text.replace(/[!%_]/g, '!$&')
