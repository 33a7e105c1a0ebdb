/** varbinary (MySQL), bytea (PostgreSQL) or text (SQLite, schemas from before 2.6). */
export type Octets = Buffer | Uint8Array | string

/**
 * The storage edge: turns a column that is bytes in one schema and text in another into a string.
 * Bytes that are not UTF-8 become U+FFFD.
 */
export function textOf(value: Octets): string
export function textOf(value: Octets | null): string | null
export function textOf(value: Octets | null): string | null {
  if (value === null) return null
  return typeof value === 'string' ? value : Buffer.from(value).toString('utf8')
}
