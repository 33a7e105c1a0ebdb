import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The files that amavisd reads at its start, in its order. */
export interface AmavisFiles {
  readonly files: readonly string[]
  /** The folder whose files are all read, as on Debian and Ubuntu; undefined where one file names the others. */
  readonly folder: string | undefined
  /** A file or folder that we may not look at. Nothing of amavisd's configuration is known then. */
  readonly forbidden?: string
}

/** Where the packages of the usual systems have it. */
const PLACES = [
  '/etc/amavis/conf.d',
  '/etc/amavisd/amavisd.conf',
  '/etc/amavisd.conf',
  '/usr/local/etc/amavisd.conf',
]

/**
 * @param path a file, or a folder with `conf.d`, `amavisd.conf` or the files themselves; undefined: the usual places
 * @returns undefined if there is nothing
 */
export function amavisFiles(path: string | undefined): AmavisFiles | undefined {
  const places = path === undefined ? PLACES : [join(path, 'conf.d'), join(path, 'amavisd.conf'), path]
  for (const place of places) {
    try {
      const found = filesAt(place)
      if (found) return found
    } catch (error) {
      if (!isForbidden(error)) throw error
      return { files: [], folder: undefined, forbidden: place }
    }
  }
  return undefined
}

function filesAt(place: string): AmavisFiles | undefined {
  const stats = statSync(place, { throwIfNoEntry: false })
  if (stats?.isFile()) return { files: [place], folder: undefined }
  if (!stats?.isDirectory()) return undefined
  // Debian's amavisd reads those of its package first.
  return { files: [join(place, PACKAGE), place].flatMap(partsOf), folder: place }
}

/** From `/etc/amavis/conf.d`. */
const PACKAGE = '../../../usr/share/amavis/conf.d'

/** As Debian's `run-parts` lists them. A name with a dot, such as `50-user.bak`, is passed over. */
function partsOf(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder)
    .filter(name => /^[\w-]+$/.test(name))
    .sort()
    .map(name => join(folder, name))
    .filter(file => statSync(file, { throwIfNoEntry: false })?.isFile())
}

const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')

/** Octets: several times as much as amavisd's own sample, which has each of its settings. */
const LARGEST = 1_000_000

/** @returns why it cannot be read, as an error's code, or its text */
export function readConfiguration(file: string): { readonly text: string } | { readonly code: string } {
  try {
    if (statSync(file).size > LARGEST) return { code: 'EFBIG' }
    return { text: readFileSync(file, 'utf8') }
  } catch (error) {
    return { code: error instanceof Error && 'code' in error ? String(error.code) : 'EIO' }
  }
}
