import { type Kysely, sql } from 'kysely'

/**
 * Drops a unique constraint. SQLite cannot, so the table is made anew without it, in one transaction: see
 * https://www.sqlite.org/lang_altertable.html#otheralter.
 */
export async function dropSqliteUnique(
  db: Kysely<unknown>,
  table: string,
  constraint: string,
): Promise<void> {
  const parts = await schemaOf(db, table)
  const created = parts.find(({ type }) => type === 'table')?.sql ?? ''
  const clause = new RegExp(`,\\s*constraint "${constraint}" unique \\([^)]*\\)`, 'i')
  if (!clause.test(created)) return
  const fresh = `${table}_new`
  const indexes = parts.flatMap(part => (part.type === 'index' && part.sql !== null ? [part.sql] : []))
  await db.transaction().execute(async transaction => {
    const create = created.replace(clause, '').replace(/^create table "?\w+"?/i, `create table "${fresh}"`)
    await sql.raw(create).execute(transaction)
    await sql`insert into ${sql.table(fresh)} select * from ${sql.table(table)}`.execute(transaction)
    await sql`drop table ${sql.table(table)}`.execute(transaction)
    await sql`alter table ${sql.table(fresh)} rename to ${sql.table(table)}`.execute(transaction)
    for (const index of indexes) await sql.raw(index).execute(transaction)
  })
}

async function schemaOf(db: Kysely<unknown>, table: string) {
  const { rows } = await sql<{ readonly type: string; readonly sql: string | null }>`
    select type, sql from sqlite_master where tbl_name = ${table}`.execute(db)
  return rows
}
