import { domainName, readerAddress } from '../reader-address.ts'

/**
 * The addresses in a column such as `mail_forwarding.destination`, each once: separated by commas, semicolons, line
 * ends or blanks, as Postfix reads the result of a lookup. `@example.com` is kept: it stands for the same name in that
 * domain. What is neither, such as a file or a command, has no reader and is left out.
 *
 * @returns in the form of `readerAddress`; at most one more than `MAX_DESTINATIONS`
 */
export function destinationsIn(text: string | null): readonly string[] {
  const found = new Set<string>()
  for (const [part] of (text ?? '').matchAll(PART)) {
    const destination = destinationIn(part.replace(/^<|>$/g, ''))
    if (destination !== undefined) found.add(destination)
    if (found.size > MAX_DESTINATIONS) break
  }
  return [...found]
}

/** `virtual_alias_expansion_limit` of Postfix: mail to an alias of more addresses is not delivered to any of them. */
export const MAX_DESTINATIONS = 1000

/** A local part in quotes may have blanks and commas in it. A quote without an end goes on to the end. */
const PART = /(?:"(?:[^"\\]|\\.?)*(?:"|$)|[^\s,;"])+/gsu

function destinationIn(part: string): string | undefined {
  if (!part.startsWith('@')) return readerAddress(part)
  const domain = domainName(part)
  return domain === undefined ? undefined : `@${domain}`
}
