import { randomBytes } from 'node:crypto'
import { ISPCONFIG_COLUMNS, ISPCONFIG_POLICY_COLUMNS } from '../directory/ispconfig/columns.ts'
import type { IspconfigDatabase } from './ispconfig-conf.ts'

/** An account in ISPConfig's database that may read what the directory needs, and nothing else. */
export interface DirectoryAccount {
  /** The value for `directory.url`. */
  readonly url: string
  /** What the database's admin has to run. It holds the password. */
  readonly sql: string
}

/** Makes up an account with a new password. It does not exist before its SQL was run. */
export function directoryAccount(ispconfig: IspconfigDatabase): DirectoryAccount {
  const { host, port, database } = ispconfig
  const isHere = HERE.has(host)
  const password = newPassword()
  const address = isHere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return {
    url: `mysql://${USER}:${password}@${address}:${port}/${database}`,
    sql: statements(isHere ? ['localhost', '127.0.0.1', '::1'] : ['%'], database, password),
  }
}

const USER = 'digest_directory'

/** PHP takes `localhost` for the Unix socket of this machine. */
const HERE = new Set(['localhost', '127.0.0.1', '::1'])

/** Letters, digits and `-` or `_`; the end is there for servers that insist on each kind. */
const newPassword = (): string => `${randomBytes(18).toString('base64url')}-aA1`

/** ALTER USER gives an account that is there already the new password. */
function statements(hosts: readonly string[], database: string, password: string): string {
  const accounts = hosts.map(host => `${USER}@'${host}'`)
  const lines = [
    '-- An account for amavis-digest, which may read what its directory and doctor need of ISPConfig. It holds a password.',
    ...(hosts.includes('%')
      ? ["-- '%' is any host: write the address of this server instead, if you know it."]
      : []),
    ...accounts.flatMap(account => [
      `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '${password}';`,
      `ALTER USER ${account} IDENTIFIED BY '${password}';`,
    ]),
    ...Object.entries({ ...ISPCONFIG_COLUMNS, ...ISPCONFIG_POLICY_COLUMNS }).map(
      ([table, columns]) =>
        `GRANT SELECT (${columns.join(', ')})\n  ON \`${database}\`.${table} TO ${accounts.join(', ')};`,
    ),
  ]
  return `${lines.join('\n')}\n`
}
