import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { phpSettings } from './php-settings.ts'

/** Where ISPConfig keeps its tables, as its own configuration says. */
export interface IspconfigDatabase {
  readonly host: string
  readonly port: number
  readonly database: string
  /** The file that says so. */
  readonly file: string
  readonly serverId: string | undefined
  /** The host of the master whose changes this server copies; undefined on a single server, and on the master itself. */
  readonly master: string | undefined
}

/** A file of ISPConfig's that is there, but tells us nothing. */
export interface Unread {
  readonly file: string
  readonly reason: 'unreadable' | 'not understood'
}

/**
 * Looks for ISPConfig's database in its configuration. ISPConfig's own account there may do everything, so neither its
 * name nor its password is read.
 *
 * @param path the folder of ISPConfig (`/usr/local/ispconfig`), or a `config.inc.php`
 * @returns undefined where there is no ISPConfig
 */
export function findIspconfig(path: string): IspconfigDatabase | Unread | undefined {
  const found = filesAt(path)
    .map(databaseIn)
    .filter(result => result !== undefined)
  return found.find(result => 'database' in result) ?? found[0]
}

/** The server's own file comes before that of the panel. */
function filesAt(path: string): string[] {
  if (mayBeFile(path)) return [path]
  return ['server', 'interface'].map(part => join(path, part, 'lib/config.inc.php'))
}

/** Also what we may not look at: whoever reads it is told so. */
function mayBeFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    return true
  }
}

function databaseIn(file: string): IspconfigDatabase | Unread | undefined {
  const text = read(file)
  if (text === undefined) return undefined
  if (text === UNREADABLE) return { file, reason: 'unreadable' }
  // ISPConfig's own file includes this one at its end.
  const local = read(join(dirname(file), 'config.inc.local.php'))
  const settings = phpSettings(text)
  if (typeof local === 'string') for (const [name, value] of phpSettings(local)) settings.set(name, value)
  return databaseOf(settings, file) ?? { file, reason: 'not understood' }
}

const UNREADABLE = Symbol('unreadable')

/** @returns undefined if there is no such file */
function read(file: string): string | typeof UNREADABLE | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : UNREADABLE
  }
}

function databaseOf(
  settings: ReadonlyMap<string, string | undefined>,
  file: string,
): IspconfigDatabase | undefined {
  const host = settings.get('db_host')
  const port = Number(settings.get('db_port') || 3306)
  const database = settings.get('db_database')
  // Nothing else may reach a URL and a statement.
  if (!host || !/^[\w.:-]+$/.test(host) || !database || !/^[\w$-]+$/.test(database)) return undefined
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  const master = settings.get('dbmaster_host')
  return {
    host,
    port,
    database,
    file,
    serverId: settings.get('server_id'),
    // As ISPConfig decides whether it has a master.
    master:
      master && (master !== host || settings.get('dbmaster_database') !== database) ? master : undefined,
  }
}
