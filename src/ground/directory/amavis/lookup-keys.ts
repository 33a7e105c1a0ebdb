import type { Octets } from '../../database/text.ts'
import { withoutExtension } from '../extension.ts'
import { domainName, domainOf } from '../reader-address.ts'
import { writtenDomains } from '../written-forms.ts'

/** Under which keys amavisd looks up an address (`make_query_keys` in `Amavis::Lookup`). */
export interface Lookup {
  /** In the form of `readerAddress`. */
  readonly address: string
  /** The address without its extension; undefined when it has none. */
  readonly plain: string | undefined
  /** The keys of the address itself and then of the plain one. */
  readonly own: readonly string[]
  /** The keys of its domain and of those above, the nearest first, without the one of the whole world. */
  readonly domains: readonly string[]
}

/** The key of the whole world. */
export const EVERYBODY = '@.'

/** @param delimiter see `withoutExtension` */
export function lookupOf(address: string, delimiter: string): Lookup {
  const plain = withoutExtension(address, delimiter)
  const own = [address, ...(plain === undefined ? [] : [plain])].map(keyOfAddress)
  return { address, plain, own, domains: domainKeys(domainOf(address)) }
}

/** amavisd's keys have no quotes: `john doe@example.com`. */
export function keyOfAddress(address: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"(@.*)$/su.exec(address)
  return quoted ? `${quoted[1]?.replace(/\\(.)/gsu, '$1')}${quoted[2]}` : address
}

function domainKeys(domain: string): readonly string[] {
  if (domain.startsWith('[')) return [`@${domain}`]
  const labels = domain.split('.').slice(-MAX_LABELS)
  return [`@${domain}`, ...labels.map((_, index) => `@.${labels.slice(index).join('.')}`)]
}

/** amavisd's own limit, with the key of the whole world, is 20. */
const MAX_LABELS = 19

/** How the table may write a key: amavisd wants A-labels, and admins write what they read. */
export function writtenKeys(key: string): readonly string[] {
  const [, before = '', domain = ''] = /^(.*@\.?)([^@]*)$/su.exec(key) ?? []
  return writtenDomains(domain).map(written => before + written)
}

/** The key of a row, in the form of those above; undefined for what is no key and for octets that are no UTF-8. */
export function keyOfRow(email: Octets): string | undefined {
  const text = decoded(email)
  if (text === undefined || text === EVERYBODY) return text
  const [, local = '', dot = '', rest = ''] = /^(.*)@(\.?)(.*)$/su.exec(text) ?? []
  const domain = domainName(rest)
  if (domain === undefined || (local !== '' && dot !== '')) return undefined
  return `${local.normalize('NFC').toLowerCase()}@${dot}${domain}`
}

function decoded(octets: Octets): string | undefined {
  if (typeof octets === 'string') return octets
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return undefined
  }
}
