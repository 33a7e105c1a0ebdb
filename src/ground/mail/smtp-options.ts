import { readFileSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import { MINUTE, SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'
import { dkimSigner, type Signer } from './dkim.ts'
import type { SmtpOptions } from './smtp-session.ts'

/**
 * How to connect.
 * @throws CodedError CONFIG_INVALID when the file of certificates cannot be read
 */
export function smtpOptions(smtp: Config['smtp']): SmtpOptions {
  const url = new URL(smtp.url)
  const secure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 465 : 25)),
    secure,
    requireTLS: smtp.requireTls,
    ...(user ? { auth: { user, pass: decodeURIComponent(url.password) } } : {}),
    tls: {
      rejectUnauthorized: smtp.verifyCertificate,
      ...(smtp.caFile ? { ca: readConfigured('smtp.caFile', smtp.caFile) } : {}),
    },
    connectionTimeout: 10 * SECOND,
    greetingTimeout: 10 * SECOND,
    socketTimeout: MINUTE,
  }
}

/**
 * Signs with DKIM, if that is configured.
 * @throws CodedError CONFIG_INVALID when the key cannot be read, or is not one for RSA
 */
export function signerOf({ dkim }: Config['smtp']): Signer {
  if (!dkim) return message => message
  const privateKey = readConfigured('smtp.dkim.keyFile', dkim.keyFile)
  try {
    return dkimSigner(dkim.domain, dkim.selector, privateKey)
  } catch {
    throw new CodedError('CONFIG_INVALID', `smtp.dkim.keyFile: ${dkim.keyFile} is not a private key for RSA.`)
  }
}

function readConfigured(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new CodedError('CONFIG_INVALID', `${option}: ${path} cannot be read.`)
  }
}
