/** A name and an address, as in a From field. */
export interface Mailbox {
  /** Empty if there is none. */
  readonly name: string
  readonly address: string
}

/**
 * Reads `Mail quarantine <quarantine@example.com>` or an address alone. What stands before the brackets is the name to
 * show: it may hold any characters, and quotes around it (RFC 5322, section 3.2.4) are not part of it. Undefined when
 * it is neither.
 */
export function parseMailbox(text: string): Mailbox | undefined {
  const trimmed = text.trim()
  if (BARE_ADDRESS.test(trimmed)) return { name: '', address: trimmed }
  const [, name, address] = NAMED.exec(trimmed) ?? []
  return name === undefined || address === undefined ? undefined : { name: unquoted(name.trim()), address }
}

const BARE_ADDRESS = /^[^@\s<>]+@[^@\s<>]+$/
const NAMED = /^("(?:[^"\\]|\\.)*"\s*|[^<>@]*)<([^@\s<>]+@[^@\s<>]+)>$/su

function unquoted(name: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/su.exec(name)?.[1]
  return quoted === undefined ? name : quoted.replace(/\\(.)/gsu, '$1')
}
