/**
 * A link that opens a new mail to an address (RFC 6068). Only the `@` before the domain is left unencoded:
 * `"not@me"@example.com` becomes `mailto:%22not%40me%22@example.com`.
 */
export function mailtoUrl(address: string): string {
  const text = address.toWellFormed()
  const at = text.lastIndexOf('@')
  if (at < 0) return `mailto:${encodeURIComponent(text)}`
  return `mailto:${encodeURIComponent(text.slice(0, at))}@${encodeURIComponent(text.slice(at + 1))}`
}
