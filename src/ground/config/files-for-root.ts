import { CodedError } from '../errors.ts'
import { changeableByOthers, isRoot, type NeededFile } from '../files/roots-alone.ts'
import type { Config } from './schema.ts'

/**
 * Refuses files that others than root could change, when root is about to read or run them: whoever can change a
 * configuration can name a command in it (`exec://`).
 *
 * @throws CodedError CONFIG_UNSAFE that names each file and folder with the command that makes it root's
 */
export function requireRootsAlone(files: readonly NeededFile[]): void {
  if (!isRoot()) return
  const faults = [...new Set(files.flatMap(faultsOf))]
  if (faults.length === 0) return
  throw new CodedError(
    'CONFIG_UNSAFE',
    `As root, amavis-digest reads and runs only what nobody but root can change:\n${faults
      .map(fault => `  ${fault}`)
      .join(
        '\n',
      )}\nThe user of the service may run commands too: runuser -u amavis-digest -- amavis-digest …`,
  )
}

/** A file that cannot be looked at is reported by whoever reads it. */
function faultsOf(file: NeededFile): string[] {
  try {
    return changeableByOthers(file)
  } catch {
    return []
  }
}

/**
 * The files that a configuration names for reading and running. Not the key file and databases: they belong to the user
 * of the service, and have rules of their own.
 */
export function filesNamedIn(config: Config): NeededFile[] {
  const { storage, state, smtp, release, signIn, doctor, templates } = config
  const commands = [release.via, ...Object.values(release.hosts)].filter(url => url.startsWith('exec:'))
  return [
    ...[smtp.caFile, signIn.imap?.caFile, signIn.ldap?.caFile, doctor.caFile].flatMap(path =>
      fileAt(path, 'file'),
    ),
    ...fileAt(smtp.dkim?.keyFile, 'secret'),
    ...[storage.url, state.url].flatMap(url => fileAt(authorityOf(url), 'file')),
    ...commands.flatMap(url => fileAt(new URL(url).pathname, 'file')),
    ...fileAt(templates.folder, 'tree'),
  ]
}

const fileAt = (path: string | undefined, kind: NeededFile['kind']): NeededFile[] =>
  path === undefined ? [] : [{ path, kind }]

/** The file of the certificate authority that a database's URL names. */
function authorityOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  const { searchParams } = new URL(url)
  return searchParams.get('ssl-ca') ?? searchParams.get('sslrootcert') ?? undefined
}
