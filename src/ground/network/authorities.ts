import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'
import { CodedError } from '../errors.ts'

/**
 * The certificate authorities that are trusted, in PEM: those of a file, or the system's. The file is read now, to find
 * out whether it can be, and again for each connection, because a server's own certificate may be in it and is renewed.
 *
 * @param option what the file is called in the configuration
 * @throws CodedError CONFIG_INVALID when the file cannot be read, now or later
 */
export function trustedAuthorities(caFile: string | undefined, option: string): () => readonly string[] {
  if (caFile === undefined) return systemAuthorities
  const read = () => [readAuthorities(caFile, option)]
  read()
  return read
}

function readAuthorities(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new CodedError('CONFIG_INVALID', `${option}: cannot read ${path} (${reason})`, { cause: error })
  }
}

/** Those of this machine and those that come with Node: a site's own authority is often known to the machine only. */
export const systemAuthorities = (): readonly string[] => [
  ...new Set([...getCACertificates('default'), ...getCACertificates('system')]),
]
