import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A value for one of our options, taken from another program's configuration. */
export interface Finding {
  /** The dotted path of the option, such as `storage.url`. */
  readonly key: string
  readonly value: string | number | boolean
  /** Where the value comes from: `found in /etc/amavis/conf.d/50-user`. */
  readonly source: string
}

/**
 * Searches amavisd's configuration for values that ours needs. It is Perl and is not run: only plain assignments are
 * understood, and the last one wins. The admin fills in the rest.
 *
 * @param path a file, or a folder whose files amavisd reads in the order of their names
 */
export function findInAmavisConf(path: string): Finding[] {
  const found = new Map<string, Finding>()
  for (const file of filesOf(path)) {
    const perl = withoutComments(readIfAllowed(file))
    for (const [key, value] of valuesIn(found.has('storage.url') ? withoutDefaultStorage(perl) : perl)) {
      found.set(key, {
        key,
        value,
        source: `${GUESSED.has(key) ? 'CHECK: guessed from' : 'found in'} ${file}`,
      })
    }
  }
  return [...found.values()]
}

/**
 * What amavisd's configuration does not have yet, as far as its plain assignments tell: a sentence each, which says what
 * to do.
 *
 * @param path a file, or a folder whose files amavisd reads in the order of their names
 */
export function lacksInAmavisConf(path: string): string[] {
  const files = filesOf(path)
  if (files.length === 0) return [`There is no configuration of amavisd at ${path}: --amavis-conf names it.`]
  const perl = files.map(file => withoutComments(readIfAllowed(file))).join('\n')
  const found = new Map(findInAmavisConf(path).map(({ key, value }) => [key, String(value)]))
  return [
    ...(found.has('storage.url') ? [] : [NO_STORAGE]),
    ...(isOpen(perl, found.get('release.via')) ? [] : [NO_REQUESTS]),
    ...closedPorts(perl).map(portIsClosed),
    ...(releasesGoSomewhere(perl) ? [] : [NO_METHOD]),
  ]
}

const SAMPLE = 'packaging/amavisd/60-amavis-digest (Debian: into /etc/amavis/conf.d)'

const NO_STORAGE = `amavisd: @storage_sql_dsn was not found. Copy ${SAMPLE}, edit it, and restart amavisd.`

const NO_REQUESTS = `amavisd: no socket for release requests was found. ${SAMPLE} adds port 9998 to those in \
$inet_socket_port; do not set $inet_socket_port anew, because mail comes in by it. Then restart amavisd.`

const NO_METHOD = `amavisd: $notify_method names no fixed port ('*'), and $release_method is not set, so released mail \
does not arrive. ${SAMPLE} sets it. Then restart amavisd.`

const portIsClosed = (port: string): string =>
  `amavisd: port ${port} has an $interface_policy, but $inet_socket_port, as it is set last, does not have ${port}: mail \
that comes in there would wait. ISPConfig uses 10024 for incoming and 10026 for outgoing mail. Put it back, and restart \
amavisd.`

/** Whether amavisd listens where `release.via` says. A socket does; a port has to be in one of the two lists. */
function isOpen(perl: string, via: string | undefined): boolean {
  const port = /^tcp:.*:(\d+)$/.exec(via ?? '')?.[1]
  return port === undefined ? via !== undefined : openPorts(perl).has(port)
}

/** Ports for mail that have settings of their own, but at which amavisd does not listen. */
function closedPorts(perl: string): string[] {
  const policies = [...perl.matchAll(/\$interface_policy\{\s*'?(\d+)'?\s*\}\s*=\s*['"]([^'"]*)/g)]
  const ports = policies.filter(([, , bank = '']) => !bank.startsWith('AM.PDP')).map(([, port = '']) => port)
  const open = openPorts(perl)
  return open.size === 0 ? [] : [...new Set(ports)].filter(port => !open.has(port))
}

/** What all files of a configuration say, one after the other, without comments. */
export const perlOf = (path: string): string =>
  filesOf(path)
    .map(file => withoutComments(readIfAllowed(file)))
    .join('\n')

/** An assignment replaces the ports so far, unless it names them itself, as our file for amavisd does. */
export function openPorts(perl: string): Set<string> {
  const lists = perl.matchAll(/([$@](?:inet_socket_port|listen_sockets)\b\s*(?:=|,))([^;]*);/g)
  const byList = new Map<string, string>()
  for (const [, target = '', list = ''] of lists) {
    const name = /\w+/.exec(target)?.[0] ?? ''
    const adds = target.endsWith(',') || list.includes(`$${name}`) || list.includes(`@${name}`)
    byList.set(name, adds ? `${byList.get(name) ?? ''} ${list}` : list)
  }
  return new Set([...byList.values()].join(' ').match(/\b\d+\b/g))
}

/** If neither is set, `$notify_method` is port 10025 of this computer. */
function releasesGoSomewhere(perl: string): boolean {
  const method = stringAssigned(perl, 'release_method') ?? stringAssigned(perl, 'notify_method')
  return !(method ?? '').includes('*')
}

/** The text that a variable is set to last, also by `$a = $b = '…'`; undefined when it is set to none. */
export const stringAssigned = (perl: string, name: string): string | undefined =>
  last(perl, new RegExp(String.raw`\$${name}\s*=(?![=~])[^;"']*["']([^"']*)["']`, 'g'))?.[1]

/** Only a guess: readers may reach the server under another name, and may know another sender's domain. */
const GUESSED = new Set(['publicUrl', 'smtp.from'])

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

/** Our file for amavisd sets a database `unless @storage_sql_dsn`: only where none is set before. */
const withoutDefaultStorage = (perl: string): string =>
  perl.replaceAll(/@storage_sql_dsn\s*=[\s\S]*?\bunless\s+@storage_sql_dsn\s*;/g, '')

const withoutComments = (perl: string): string => perl.replace(/(?:^|[ \t])#.*$/gm, '')

function* valuesIn(perl: string): Generator<[string, string]> {
  const lookup = databaseUrl(dsn(perl, 'lookup_sql_dsn'))
  const storage = /@storage_sql_dsn\s*=\s*@lookup_sql_dsn/.test(perl)
    ? lookup
    : databaseUrl(dsn(perl, 'storage_sql_dsn'))
  if (storage) yield ['storage.url', storage]

  const protocolPort = last(perl, /\$interface_policy\{\s*'?(\d+)'?\s*\}\s*=\s*'AM\.PDP/g)?.[1]
  const socket = last(perl, /\$unix_socketname\s*=\s*["']([^"'$]+)["']/g)?.[1]
  if (socket) yield ['release.via', `unix://${socket}`]
  if (protocolPort) yield ['release.via', `tcp://127.0.0.1:${protocolPort}`]

  const reinjection = last(perl, /\$forward_method\s*=\s*["']e?smtp:\[?([\w.:-]+?)\]?:(\d+)["']/g)
  if (reinjection) yield ['smtp.url', `smtp://${inUrl(reinjection[1] ?? '')}:${reinjection[2]}`]

  const host = last(perl, /\$myhostname\s*=\s*["']([\w.-]+)["']/g)?.[1]
  if (host) yield ['publicUrl', `https://${host}`]
  const domain = last(perl, /\$mydomain\s*=\s*["']([\w.-]+)["']/g)?.[1]
  if (domain) yield ['smtp.from', `Mail quarantine <quarantine@${domain}>`]
}

/** The last assignment is the one that takes effect. */
const last = (perl: string, assignment: RegExp) => [...perl.matchAll(assignment)].at(-1)

interface Dsn {
  readonly source: string
  readonly user: string
  readonly password: string
}

/** `@storage_sql_dsn = ( ['DBI:mysql:database=…;host=…', 'user', 'password'] );` */
function dsn(perl: string, name: string): Dsn | undefined {
  const quoted = String.raw`(?:'((?:[^'\\]|\\.)*)'|"([^"]*)")`
  const list = new RegExp(
    `@${name}\\s*=\\s*\\(\\s*\\[\\s*${quoted}\\s*(?:,\\s*${quoted}\\s*(?:,\\s*${quoted})?)?`,
    'g',
  )
  const match = last(perl, list)
  if (!match) return undefined
  const [source = '', user = '', password = ''] = [0, 1, 2].map(
    index => match[1 + 2 * index]?.replaceAll(/\\(['\\])/g, '$1') ?? match[2 + 2 * index] ?? '',
  )
  return { source, user, password }
}

function databaseUrl(found: Dsn | undefined): string | undefined {
  const [, driver = '', rest = ''] = /^DBI:(\w+):(.*)$/i.exec(found?.source ?? '') ?? []
  const words = new Map(rest.split(';').map(part => splitOnce(part, '=')))
  // Both forms of DBD::mysql: database=name;host=…;port=… and name:host:port.
  const [name, namedHost, namedPort] = rest.includes('=') ? [] : rest.split(':')
  const database = words.get('database') ?? words.get('dbname') ?? words.get('db') ?? name
  const login = `${encodeURIComponent(found?.user ?? '')}:${encodeURIComponent(found?.password ?? '')}`
  switch (driver.toLowerCase()) {
    case 'sqlite':
      return `sqlite://${database}`
    case 'mysql':
    case 'mariadb': {
      const socket = words.get('mysql_socket') ?? words.get('mariadb_socket')
      const host = words.get('host') ?? namedHost ?? '127.0.0.1'
      const authority = `${inUrl(host)}:${words.get('port') ?? namedPort ?? 3306}`
      const query = socket ? `?socketPath=${encodeURIComponent(socket)}` : ''
      return `mysql://${login}@${authority}/${database}${query}`
    }
    case 'pg': {
      // Without a host, libpq uses the Unix socket; this is Debian's folder for it.
      const host = words.get('host') ?? '/var/run/postgresql'
      const authority = `${host.startsWith('/') ? 'localhost' : inUrl(host)}:${words.get('port') ?? 5432}`
      const query = host.startsWith('/') ? `?host=${encodeURIComponent(host)}` : ''
      return `postgres://${login}@${authority}/${database}${query}`
    }
    default:
      return undefined
  }
}

const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + separator.length).trim()]
}
