import { domainName, domainOf, readerAddress } from '../../ground/directory/reader-address.ts'
import { CodedError } from '../../ground/errors.ts'
import type { SenderPattern } from '../../rules/senders/sender-entry.ts'
import type { Owner } from './keeper.ts'

// TODO(merge): replaced by the rules of src/rules/senders.

export function requireSender(text: string, owner: Owner): SenderPattern {
  const trimmed = text.trim()
  const sender = trimmed.startsWith('@') ? domainName(trimmed.replace(/^@\.?/, '')) : readerAddress(trimmed)
  if (sender === undefined || sender === owner || trimmed === '@.')
    throw new CodedError('SENDER_INVALID', 'Expected an address such as bob@example.com, or @example.com.')
  return trimmed.startsWith('@.') ? `@.${sender}` : trimmed.startsWith('@') ? `@${sender}` : sender
}

export function coversSender(pattern: SenderPattern, address: string): boolean {
  if (pattern.startsWith('@.')) return `.${domainOf(address)}`.endsWith(pattern.slice(1))
  return pattern.startsWith('@') ? `@${domainOf(address)}` === pattern : pattern === address
}

/** @returns the entry for the whole domain of an address; undefined where it is freemail, or the owner's own */
export function wideEntryOf(address: string, owner: Owner): SenderPattern | undefined {
  const domain = domainOf(address)
  return domain === domainOf(owner) || domain === 'gmail.com' ? undefined : `@${domain}`
}
