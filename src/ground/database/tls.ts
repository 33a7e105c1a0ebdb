import { readFileSync } from 'node:fs'
import { CodedError } from '../errors.ts'

/** What a server has to prove. */
export type TlsLevel =
  /** No TLS. */
  | 'off'
  /** Encrypted, but the server proves nothing. */
  | 'encrypted'
  /** The certificate authority has signed its certificate. */
  | 'trusted'
  /** Its certificate is also for the host in the URL. */
  | 'host-verified'

/** The options that both drivers pass to `node:tls`. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
}

/**
 * @param parameters the names of the URL's parameters for the level and for the file of the certificate authority
 * @param given their values
 * @throws CodedError CONFIG_INVALID for a level that is not in `levels`, and for a file that cannot be read or would
 *   not be used: an admin who names a certificate authority expects it to be checked
 */
export function tlsFrom(
  parameters: { readonly level: string; readonly ca: string },
  given: { readonly level: string | undefined; readonly ca: string | undefined },
  levels: Readonly<Record<string, TlsLevel>>,
): { readonly level: TlsLevel; readonly options: TlsOptions } {
  const level = given.level === undefined ? 'off' : levels[given.level]
  if (level === undefined) {
    throw new CodedError(
      'CONFIG_INVALID',
      `${parameters.level}: expected one of ${Object.keys(levels).join(', ')}`,
    )
  }
  const verifies = level === 'trusted' || level === 'host-verified'
  if (given.ca !== undefined && !verifies) {
    const verifying = Object.keys(levels).filter(name =>
      ['trusted', 'host-verified'].includes(levels[name] ?? ''),
    )
    throw new CodedError(
      'CONFIG_INVALID',
      `${parameters.ca} is only used with ${parameters.level}=${verifying.join(' or ')}`,
    )
  }
  return {
    level,
    options: {
      rejectUnauthorized: verifies,
      ...(given.ca === undefined ? {} : { ca: readAuthority(parameters.ca, given.ca) }),
    },
  }
}

/** Whether a connection failed because of a certificate, by the error codes of OpenSSL and of Node. */
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
