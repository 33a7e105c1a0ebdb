import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { CodedError } from '../errors.ts'
import { type Account, accountOf } from '../files/accounts.ts'
import { workerOn } from '../files/as-owner.ts'
import { isRoot } from '../files/roots-alone.ts'
import { DEFAULT_KEY_FILE, readKeyFile } from '../links/key-file.ts'
import { type Addition, readAmavis } from './amavis/amavis.ts'
import type { Finding } from './amavis/finding.ts'
import { commentedConfig } from './commented-config.ts'
import { DEFAULT_CONFIG_FILE, SERVICE_USER } from './config-file.ts'
import { directoryAccount } from './directory-account.ts'
import { requireRootsAlone } from './files-for-root.ts'
import { findIspconfig, type IspconfigDatabase } from './ispconfig-conf.ts'
import { directoryFindings, directoryNotes, PORT_BESIDE_PANEL, senderOffers } from './ispconfig-directory.ts'

export interface Initialised {
  readonly config: string
  readonly keyFile: string
  readonly found: readonly Finding[]
  /** What amavisd's configuration still needs, and what ISPConfig's directory does: a sentence each. */
  readonly lacks: readonly string[]
  /** What amavisd's configuration still needs, as a file of its own, which is left to the admin. */
  readonly addition: Addition | undefined
  /** SQL for ISPConfig's database, which makes the account that the configuration names; undefined: there is none. */
  readonly accountFile: string | undefined
  /** The user that the service runs as, who owns the keys and may read the configuration; undefined: nobody but us. */
  readonly servedBy: string | undefined
}

/**
 * Writes a first configuration and a token key, and for ISPConfig a file with the SQL of an account. Only we may change
 * the configuration: what it names is run. As root, the service's user may read it, and owns the key and its folder.
 *
 * The key has the folder of the service's state, or stands beside a configuration in another place than the usual one.
 *
 * @throws CodedError CONFIG_EXISTS instead of overwriting anything; for root, CONFIG_UNSAFE when others could change
 *   what is written
 */
export function initialise(request: {
  readonly path: string
  /** A file or a folder; by default where the packages of the usual systems have it. */
  readonly amavisConf?: string | undefined
  /** The folder of ISPConfig, or its `config.inc.php`; by default nothing is looked for. */
  readonly ispconfig?: string | undefined
  readonly now: number
  /** The name of the service's user, who need not exist: amavis-digest by default. */
  readonly user?: string | undefined
}): Initialised {
  const { path, amavisConf, now } = request
  requireRootsAlone([{ path, kind: 'secret' }])
  const ispconfig = request.ispconfig === undefined ? undefined : findIspconfig(request.ispconfig)
  const directory = ispconfig && 'database' in ispconfig ? directoryOn(ispconfig, dirname(path)) : undefined
  const amavis = readAmavis(amavisConf)
  const found = [
    ...amavis.findings,
    ...(directory?.findings ?? []),
    ...(ispconfig ? [PORT_BESIDE_PANEL] : []),
  ]
  const user = isRoot() ? accountOf(request.user ?? SERVICE_USER) : undefined
  const keyFile = path === DEFAULT_CONFIG_FILE ? DEFAULT_KEY_FILE : `${dirname(path)}/token.keys`
  const offers = ispconfig && 'database' in ispconfig ? senderOffers(ispconfig) : []
  const own: Finding = { key: 'links.keyFile', value: keyFile, source: 'created by init' }
  makeFolder(dirname(path), 0o755)
  writeNew(
    path,
    commentedConfig(new Map([...found, ...offers, own].map(finding => [finding.key, finding]))),
    user,
  )
  if (directory) writeNew(directory.accountFile, directory.sql, undefined)
  if (keyFile === DEFAULT_KEY_FILE) makeFolder(dirname(keyFile), 0o700, user)
  readKeyFile(keyFile, now)
  // In a folder of the user's own, it is theirs already.
  if (user && workerOn(keyFile) === 0) giveTo(keyFile, user)
  return {
    config: path,
    keyFile,
    found,
    lacks: [...amavis.notes, ...directoryNotes(ispconfig, directory?.accountFile)],
    addition: amavis.addition,
    accountFile: directory?.accountFile,
    servedBy: user?.name,
  }
}

/**
 * @param folder where the SQL of the account goes
 * @throws CodedError CONFIG_EXISTS if there is one: its password would not be that of the new configuration
 */
function directoryOn(ispconfig: IspconfigDatabase, folder: string) {
  const accountFile = join(folder, 'ispconfig-account.sql')
  if (existsSync(accountFile)) throw alreadyThere(accountFile)
  const { url, sql } = directoryAccount(ispconfig)
  return { accountFile, sql, findings: directoryFindings(ispconfig, url) }
}

/** @param owner of the folder if it is new */
function makeFolder(path: string, mode: number, owner?: Account): void {
  try {
    if (mkdirSync(path, { recursive: true, mode }) === undefined) return
    // Whatever the umask is: the service's user must be able to enter it.
    chmodSync(path, mode)
    if (owner) giveTo(path, owner)
  } catch (error) {
    throw new CodedError('CONFIG_EXISTS', `${path}: cannot be created (${codeOf(error)}).`)
  }
}

function writeNew(path: string, text: string, reader: Account | undefined): void {
  try {
    const file = openSync(path, 'wx', 0o600)
    try {
      writeFileSync(file, text)
      if (reader) {
        fchownSync(file, 0, reader.gid)
        fchmodSync(file, 0o640)
      }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') throw alreadyThere(path)
    throw new CodedError('CONFIG_EXISTS', `${path}: cannot be written (${code}).`)
  }
}

const alreadyThere = (path: string): CodedError =>
  new CodedError('CONFIG_EXISTS', `${path}: it already exists; move it away first.`)

/** Not by path: a link that somebody planted there would lead to a file of root's. */
function giveTo(path: string, { uid, gid }: Account): void {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    fchownSync(file, uid, gid)
  } finally {
    closeSync(file)
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
