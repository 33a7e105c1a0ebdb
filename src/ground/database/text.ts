/** varbinary (MySQL), bytea (PostgreSQL) or text (SQLite, schemas from before 2.6). */
export type Octets = Buffer | Uint8Array | string

/**
 * Turns a column into a string, whether the schema has it as bytes or as text. Bytes that are not UTF-8 become U+FFFD.
 */
export function textOf(value: Octets): string
export function textOf(value: Octets | null): string | null
export function textOf(value: Octets | null): string | null {
  if (value === null) return null
  return typeof value === 'string' ? value : Buffer.from(value).toString('utf8')
}
