import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'

/**
 * Under which id the message of an item is released, as SQL: `digest_release.item_id` is looked up by it. All readers of
 * the message share it.
 *
 * @param item the name of `digest_item` in the query
 */
export const heldIdOfItem = (item = 'digest_item'): RawBuilder<string> =>
  sql<string>`coalesce(${sql.ref(`${item}.held_id`)}, ${sql.ref(`${item}.item_id`)})`

/**
 * The item by which a release was asked for last, as SQL: `digest_item.item_id` is looked up by it.
 *
 * @param release the name of `digest_release` in the query
 */
export const askedItemOfRelease = (release = 'digest_release'): RawBuilder<string> =>
  sql<string>`coalesce(${sql.ref(`${release}.asked_item`)}, ${sql.ref(`${release}.item_id`)})`

/**
 * The condition that one of the readers of the message of a `digest_release` is among some. A message with one reader
 * was asked for by that reader: if that is somebody else, its item is not even looked for among millions.
 *
 * @param isAmong the condition for the address of a reader
 */
export function isReadBy(
  isAmong: (reader: Expression<string | null>) => Expression<SqlBool>,
): RawBuilder<SqlBool> {
  // Counted, because MariaDB turns EXISTS into IN here and then reads all items. One count for each index.
  const items = (column: 'item_id' | 'held_id', condition: Expression<SqlBool>) =>
    sql`(select count(*) from digest_item as reading
      where ${sql.ref(`reading.${column}`)} = digest_release.item_id and ${condition}) > 0`
  const among = isAmong(sql.ref('reading.reader'))
  return sql`((${isAmong(sql.ref('digest_release.requested_by'))} or ${items('held_id', sql`1 = 1`)})
    and (${items('item_id', among)} or ${items('held_id', among)}))`
}
