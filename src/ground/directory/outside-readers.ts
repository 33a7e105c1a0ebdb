import { domainOf } from './reader-address.ts'

/**
 * Which addresses elsewhere get digests.
 *
 * @param allowed addresses in the form of `readerAddress`, and domains in that of `domainName` after an at-sign
 */
export function outsideReaders(allowed: readonly string[]): (address: string) => boolean {
  const scopes = new Set(allowed)
  return address => scopes.has(address) || scopes.has(`@${domainOf(address)}`)
}
