import { sql } from 'kysely'
import type { Inspection, Right } from './inspection.ts'

/** From PostgreSQL's system catalogues. */
export const postgresInspection: Inspection = {
  async indexes(database) {
    const { rows } = await sql<{ place: string; columns: string }>`
      select t.relname as place,
        (select string_agg(coalesce(a.attname, '(expression)'), ',' order by k.position)
         from unnest(i.indkey) with ordinality as k (attnum, position)
         left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum) as columns
      from pg_index i join pg_class t on t.oid = i.indrelid
      where i.indisvalid and i.indpred is null and pg_table_is_visible(t.oid)`.execute(database)
    return rows.map(({ place, columns }) => ({ table: place, columns: columns.split(',') }))
  },
  // Each table of PostgreSQL takes part in transactions. An unlogged one is emptied by a crash.
  withoutTransactions: async () => [],
  async lossyColumns(database) {
    const { rows } = await sql<{ place: string; columnname: string; charset: string }>`
      select c.relname as place, a.attname as columnname, current_setting('server_encoding') as charset
      from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
      where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and t.typcategory = 'S'
        and pg_table_is_visible(c.oid) and current_setting('server_encoding') not in ('UTF8', 'SQL_ASCII')`.execute(
      database,
    )
    return rows.map(({ place, columnname, charset }) => ({ table: place, column: columnname, charset }))
  },
  async rights(database) {
    const { rows } = await sql<{ privilege: string; place: string | null; account: string }>`
      select r.privilege, null as place, quote_ident(current_user) as account
      from pg_roles u cross join lateral (values
        ('SUPERUSER', u.rolsuper), ('CREATEROLE', u.rolcreaterole), ('CREATEDB', u.rolcreatedb),
        ('REPLICATION', u.rolreplication), ('BYPASSRLS', u.rolbypassrls)) as r (privilege, has)
      where u.rolname = current_user and r.has
      union all
      select p.privilege, c.relname, quote_ident(current_user)
      from pg_class c cross join (values
        ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER'))
        as p (privilege)
      where c.relkind in ('r', 'p', 'v') and pg_table_is_visible(c.oid)
        and c.relnamespace <> 'pg_catalog'::regnamespace
        and has_table_privilege(c.oid, p.privilege)
      union all
      select 'OWNER', c.relname, quote_ident(current_user) from pg_class c
      where c.relkind in ('r', 'p') and pg_table_is_visible(c.oid) and pg_has_role(c.relowner, 'usage')`.execute(
      database,
    )
    return rows.map(
      ({ privilege, place, account }): Right => ({
        privilege,
        reach: place === null ? 'server' : 'table',
        database: undefined,
        table: place ?? undefined,
        account,
      }),
    )
  },
}
