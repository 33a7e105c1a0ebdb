import { readFileSync } from 'node:fs'
import { CodedError } from '../errors.ts'

/** How far a server has to prove who it is. */
export type TlsLevel =
  /** No TLS. */
  | 'off'
  /** Encrypted, with whomever it is. */
  | 'encrypted'
  /** Somebody whom the certificate authority knows. */
  | 'known'
  /** The host of the URL, says the certificate authority. */
  | 'identified'

/** What both drivers hand to `node:tls`. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
}

/**
 * @param mode the URL's parameter for the level, and the one for the file of the certificate authority
 * @param given their values
 * @throws CodedError CONFIG_INVALID for a word that is not of `levels`, and for a file that cannot be read or would
 *   not be used: who names a certificate authority believes that it counts
 */
export function tlsFrom(
  mode: { readonly level: string; readonly ca: string },
  given: { readonly level: string | undefined; readonly ca: string | undefined },
  levels: Readonly<Record<string, TlsLevel>>,
): { readonly level: TlsLevel; readonly options: TlsOptions } {
  const level = given.level === undefined ? 'off' : levels[given.level]
  if (level === undefined) {
    throw new CodedError('CONFIG_INVALID', `${mode.level}: expected one of ${Object.keys(levels).join(', ')}`)
  }
  const verifies = level === 'known' || level === 'identified'
  if (given.ca !== undefined && !verifies) {
    const verifying = Object.keys(levels).filter(name => ['known', 'identified'].includes(levels[name] ?? ''))
    throw new CodedError(
      'CONFIG_INVALID',
      `${mode.ca} counts with ${mode.level}=${verifying.join(' or ')} only`,
    )
  }
  return {
    level,
    options: {
      rejectUnauthorized: verifies,
      ...(given.ca === undefined ? {} : { ca: readAuthority(mode.ca, given.ca) }),
    },
  }
}

/** Whether a connection failed because of a certificate: OpenSSL's words for it, and Node's. */
export const isCertificateFault = (code: unknown): boolean =>
  typeof code === 'string' && /CERT|^ERR_TLS|^ERR_SSL|^UNABLE_TO_|HOSTNAME_MISMATCH/.test(code)

function readAuthority(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new CodedError('CONFIG_INVALID', `${parameter}: cannot read ${path} (${reason})`, { cause: error })
  }
}
