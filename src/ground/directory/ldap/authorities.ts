import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'
import { once } from '../../concurrency/once.ts'
import { CodedError } from '../../errors.ts'

/**
 * The certificate authorities that are trusted, in PEM: those of a file, or the system's, which are read at first use.
 *
 * @param option what the file is called in the configuration
 * @throws CodedError CONFIG_INVALID when the file cannot be read
 */
export function trustedAuthorities(caFile: string | undefined, option: string): () => readonly string[] {
  if (caFile === undefined) return once(systemAuthorities)
  const own = [readAuthorities(caFile, option)]
  return () => own
}

function readAuthorities(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new CodedError('CONFIG_INVALID', `${option}: cannot read ${path} (${reason})`, { cause: error })
  }
}

/** Those of the machine and those of Node.js: a site's own authority is often known to the machine only. */
const systemAuthorities = (): readonly string[] => [
  ...new Set([...getCACertificates('default'), ...getCACertificates('system')]),
]
