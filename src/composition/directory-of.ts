import type { Config } from '../ground/config/schema.ts'
import { connect } from '../ground/database/connect.ts'
import type { Database } from '../ground/database/database.ts'
import { addresses } from '../ground/directory/addresses.ts'
import { amavisDirectory } from '../ground/directory/amavis/amavis-directory.ts'
import type { Directory } from '../ground/directory/directory.ts'
import { ispconfigDirectory } from '../ground/directory/ispconfig/ispconfig-directory.ts'
import { ldapDirectory } from '../ground/directory/ldap/ldap-directory.ts'
import { sqlDirectory } from '../ground/directory/sql/sql-directory.ts'

/**
 * The directory that the configuration asks for. Connections are made on first use.
 *
 * @throws CodedError CONFIG_INVALID
 */
export function directoryOf(
  { directory, storage }: Pick<Config, 'directory' | 'storage'>,
  stack: AsyncDisposableStack,
): Directory {
  const database = <Tables>(): Database<Tables> =>
    stack.use(
      connect<Tables>('directory', directory.url ?? storage.url, {
        connections: CONNECTIONS,
        isReadOnly: true,
        statementTimeout: directory.timeout,
      }),
    )
  switch (directory.kind) {
    case 'addresses':
      return addresses(directory.recipientDelimiter)
    case 'ldap':
      return stack.use(ldapDirectory({ ...directory, url: directory.url ?? '', base: directory.base ?? '' }))
    case 'amavis':
      return amavisDirectory(database(), directory)
    case 'sql':
      return sqlDirectory(database(), { ...directory, query: directory.query ?? '' })
    case 'ispconfig':
      return ispconfigDirectory(database(), directory)
  }
}

/** One for what collects, one for what a person asks meanwhile. */
const CONNECTIONS = 2
