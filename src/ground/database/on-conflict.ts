import type { Dialect } from './database.ts'

/** Inserts over existing keys, for databases that have ON CONFLICT. */
export const onConflict: Pick<Dialect, 'insertNew' | 'insertIfNew' | 'insertOrUpdate'> = {
  // Names no key: at this moment another process may add a row that collides on a different unique key.
  insertNew: insert => insert.onConflict(conflict => conflict.doNothing()),
  async insertIfNew(insert) {
    const result = await insert.onConflict(conflict => conflict.doNothing()).executeTakeFirst()
    return result.numInsertedOrUpdatedRows === 1n
  },
  insertOrUpdate: (insert, key, columns) =>
    insert.onConflict(conflict =>
      conflict
        .columns([...key])
        .doUpdateSet(
          row =>
            Object.fromEntries(
              columns.map(column => [column, row.ref(`excluded.${column}` as never)]),
            ) as never,
        ),
    ),
}
