import type { Config } from '../ground/config/schema.ts'
import { connect } from '../ground/database/connect.ts'
import { addresses } from '../ground/directory/addresses.ts'
import type { Directory } from '../ground/directory/directory.ts'
import { ispconfigDirectory } from '../ground/directory/ispconfig/ispconfig-directory.ts'
import type { IspconfigTables } from '../ground/directory/ispconfig/tables.ts'
import { CodedError } from '../ground/errors.ts'

/** The directory that the configuration asks for. Connections are made on first use. */
export function directoryOf(
  { directory }: Pick<Config, 'directory'>,
  stack: AsyncDisposableStack,
): Directory {
  switch (directory.kind) {
    case 'addresses':
      return addresses(directory.recipientDelimiter)
    case 'ispconfig':
      return ispconfigDirectory({
        ...directory,
        database: stack.use(connectTo<IspconfigTables>(directory.url)),
      })
    case 'amavis':
    case 'sql':
    case 'ldap':
      throw new CodedError('CONFIG_INVALID', `directory.kind: ${directory.kind} is not built yet`)
  }
}

/** A few connections are enough: many addresses are asked for at once. */
function connectTo<Tables>(url: string | undefined) {
  if (url === undefined)
    throw new CodedError('CONFIG_INVALID', 'directory.url: expected the URL of a database')
  return connect<Tables>('directory', url, { connections: 2 })
}
