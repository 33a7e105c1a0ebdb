import type { Octets } from '../database/text.ts'
import { keyOfRow } from '../directory/amavis/lookup-keys.ts'

/**
 * The form in which amavisd would look up the sender of an entry that others may have written: lower case, A-labels.
 * Undefined for a form that it never looks up: a bare `example.com`, `*@example.com`, octets that are no UTF-8.
 */
export function lookedUpAs(sender: Octets): string | undefined {
  const key = keyOfRow(sender)
  return key?.includes('*') ? undefined : key
}
