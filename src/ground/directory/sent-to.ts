import { displayAddress } from '../display/address.ts'
import { readerAddress } from './reader-address.ts'

/**
 * The address that a message was sent to, safe to show, if it is not the reader's own; otherwise empty. The upper case
 * of the reader's address is still that address. One with an extension (`bob+list@`) is another.
 *
 * @param recipient as amavis stored it
 * @param reader in the form of `readerAddress`
 */
export const sentTo = (recipient: string, reader: string): string =>
  recipient === reader || readerAddress(recipient) === reader ? '' : displayAddress(recipient)
