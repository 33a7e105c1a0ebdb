import type { Dialect } from './database.ts'

/** How databases with the standard's ON CONFLICT meet a key that is already there. */
export const onConflict: Pick<Dialect, 'insertNew' | 'insertOrUpdate'> = {
  // Names no key: another process may add, at this moment, a row that shares another one.
  insertNew: insert => insert.onConflict(conflict => conflict.doNothing()),
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
