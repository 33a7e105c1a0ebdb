import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CodedError } from '../errors.ts'

/**
 * The public half of the key that signs mails.
 *
 * @param keyFile `smtp.dkim.keyFile`: a private key in PEM
 * @throws CodedError CONFIG_INVALID when it cannot be read, or is no key
 */
export function dkimPublicKey(keyFile: string): KeyObject {
  try {
    return createPublicKey(readFileSync(keyFile, 'utf8'))
  } catch {
    throw new CodedError(
      'CONFIG_INVALID',
      `smtp.dkim.keyFile: ${keyFile} is not a private key that can be read.`,
    )
  }
}
