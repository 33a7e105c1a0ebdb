import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A value for an option of ours, read off amavisd's own configuration. */
export interface Finding {
  /** `storage.url` */
  readonly key: string
  readonly value: string
  /** Who says so: `found in /etc/amavis/conf.d/50-user`. */
  readonly source: string
}

/**
 * Looks through amavisd's configuration for what ours needs. It is Perl and is not run: only plain assignments are
 * understood, the last one wins, and what is not understood is left for the admin to fill in.
 *
 * @param path a file, or a folder whose files amavisd reads in the order of their names
 */
export function findInAmavisConf(path: string): Finding[] {
  const found = new Map<string, Finding>()
  for (const file of filesOf(path)) {
    for (const [key, value] of valuesIn(withoutComments(readIfAllowed(file)))) {
      found.set(key, { key, value, source: `found in ${file}` })
    }
  }
  return [...found.values()]
}

function filesOf(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return []
  if (stats.isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

function readIfAllowed(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const withoutComments = (perl: string): string => perl.replace(/(?:^|[ \t])#.*$/gm, '')

function* valuesIn(perl: string): Generator<[string, string]> {
  const lookup = databaseUrl(dsn(perl, 'lookup_sql_dsn'))
  const storage = /@storage_sql_dsn\s*=\s*@lookup_sql_dsn/.test(perl)
    ? lookup
    : databaseUrl(dsn(perl, 'storage_sql_dsn'))
  if (storage) yield ['storage.url', storage]

  const protocolPort = /\$interface_policy\{\s*'?(\d+)'?\s*\}\s*=\s*'AM\.PDP/.exec(perl)?.[1]
  const socket = /\$unix_socketname\s*=\s*["']([^"'$]+)["']/.exec(perl)?.[1]
  if (socket) yield ['release.via', `unix://${socket}`]
  if (protocolPort) yield ['release.via', `tcp://127.0.0.1:${protocolPort}`]

  const reinjection = /\$forward_method\s*=\s*["']e?smtp:\[?([\w.:-]+?)\]?:(\d+)["']/.exec(perl)
  if (reinjection) yield ['smtp.url', `smtp://${reinjection[1]}:${reinjection[2]}`]

  const host = /\$myhostname\s*=\s*["']([\w.-]+)["']/.exec(perl)?.[1]
  if (host) yield ['publicUrl', `https://${host}`]
  const domain = /\$mydomain\s*=\s*["']([\w.-]+)["']/.exec(perl)?.[1]
  if (domain) yield ['smtp.from', `Mail quarantine <quarantine@${domain}>`]
}

interface Dsn {
  readonly source: string
  readonly user: string
  readonly password: string
}

/** `@storage_sql_dsn = ( ['DBI:mysql:database=…;host=…', 'user', 'password'] );` */
function dsn(perl: string, name: string): Dsn | undefined {
  const quoted = `(?:'([^']*)'|"([^"]*)")`
  const list = new RegExp(
    `@${name}\\s*=\\s*\\(\\s*\\[\\s*${quoted}\\s*(?:,\\s*${quoted}\\s*(?:,\\s*${quoted})?)?`,
  )
  const match = list.exec(perl)
  if (!match) return undefined
  const [source = '', user = '', password = ''] = [0, 1, 2].map(
    index => match[1 + 2 * index] ?? match[2 + 2 * index] ?? '',
  )
  return { source, user, password }
}

function databaseUrl(found: Dsn | undefined): string | undefined {
  const [, driver = '', rest = ''] = /^DBI:(\w+):(.*)$/i.exec(found?.source ?? '') ?? []
  const words = new Map(rest.split(';').map(part => splitOnce(part, '=')))
  const database = words.get('database') ?? words.get('dbname') ?? words.get('db') ?? splitOnce(rest, ':')[0]
  switch (driver.toLowerCase()) {
    case 'sqlite':
      return `sqlite://${database}`
    case 'mysql':
    case 'mariadb': {
      const socket = words.get('mysql_socket') ?? words.get('mariadb_socket')
      const login = `${encodeURIComponent(found?.user ?? '')}:${encodeURIComponent(found?.password ?? '')}`
      const place = `${words.get('host') ?? '127.0.0.1'}:${words.get('port') ?? 3306}`
      const query = socket ? `?socketPath=${encodeURIComponent(socket)}` : ''
      return `mysql://${login}@${place}/${database}${query}`
    }
    default:
      return undefined
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + separator.length).trim()]
}
