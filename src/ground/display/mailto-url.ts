/**
 * A link that writes a mail (RFC 6068). Only the `@` before the domain stays as it is: `"not@me"@example.com` is
 * `mailto:%22not%40me%22@example.com`.
 */
export function mailtoUrl(address: string): string {
  const text = address.toWellFormed()
  const at = text.lastIndexOf('@')
  if (at < 0) return `mailto:${encodeURIComponent(text)}`
  return `mailto:${encodeURIComponent(text.slice(0, at))}@${encodeURIComponent(text.slice(at + 1))}`
}
