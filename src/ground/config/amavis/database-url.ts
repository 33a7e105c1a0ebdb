import type { Value } from '../perl/values.ts'

/**
 * The URL of the first database of `@storage_sql_dsn`, a list of `['DBI:mysql:database=…;host=…', 'user', 'password']`.
 *
 * @returns undefined if there is none, or none that we can use
 */
export function databaseUrl(databases: Value): string | undefined {
  const first = Array.isArray(databases) ? databases[0] : undefined
  if (!Array.isArray(first)) return undefined
  const [source, user = '', password = ''] = first
  if (typeof source !== 'string' || typeof user !== 'string' || typeof password !== 'string') return undefined
  return urlOf(source, `${encodeURIComponent(user)}:${encodeURIComponent(password)}`)
}

function urlOf(source: string, login: string): string | undefined {
  const [, driver = '', rest = ''] = /^DBI:(\w+)(?:\([^)]*\))?:(.*)$/i.exec(source) ?? []
  const words = new Map(rest.split(';').map(part => splitOnce(part, '=')))
  // Both forms of DBD::mysql: database=name;host=…;port=… and name:host:port.
  const [name, namedHost, namedPort] = rest.includes('=') ? [] : rest.split(':')
  const database = words.get('database') ?? words.get('dbname') ?? words.get('db') ?? name
  if (!database) return undefined
  switch (driver.toLowerCase()) {
    case 'sqlite':
      return `sqlite://${database}`
    case 'mysql':
    case 'mariadb': {
      const socket = words.get('mysql_socket') ?? words.get('mariadb_socket')
      const host = words.get('host') || namedHost || '127.0.0.1'
      const authority = `${inUrl(host)}:${words.get('port') || namedPort || 3306}`
      const query = socket ? `?socketPath=${encodeURIComponent(socket)}` : ''
      return `mysql://${login}@${authority}/${database}${query}`
    }
    case 'pg': {
      // Without a host, libpq uses the Unix socket; this is Debian's folder for it.
      const host = words.get('host') || '/var/run/postgresql'
      const authority = `${host.startsWith('/') ? 'localhost' : inUrl(host)}:${words.get('port') || 5432}`
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
