/**
 * The address without its extension: `bob@` for `bob+list@`. Undefined when it has none. As in Postfix, the extension
 * begins at the first of the delimiters after the first character, and some names have none: see `recipient_delimiter`
 * in postconf(5) and `split_addr` in its source.
 *
 * @param address in the form of `readerAddress`
 * @param delimiter the characters that may begin an extension; empty: none
 */
export function withoutExtension(address: string, delimiter: string): string | undefined {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at)
  if (UNSPLIT.has(local) || local.startsWith('"')) return undefined
  if (delimiter.includes('-') && (local.startsWith('owner-') || local.endsWith('-request'))) return undefined
  const end = [...local].findIndex((character, index) => index > 0 && delimiter.includes(character))
  return end < 0 ? undefined : [...local].slice(0, end).join('') + address.slice(at)
}

const UNSPLIT: ReadonlySet<string> = new Set(['mailer-daemon', 'double-bounce', 'postmaster'])
