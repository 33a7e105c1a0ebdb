import type { Config } from '../ground/config/schema.ts'
import { addresses } from '../ground/directory/addresses.ts'
import type { Directory } from '../ground/directory/directory.ts'
import { ldapDirectory } from '../ground/directory/ldap/ldap-directory.ts'
import { CodedError } from '../ground/errors.ts'

/**
 * The directory that the configuration asks for. Connections are made on first use.
 *
 * @throws CodedError CONFIG_INVALID
 */
export function directoryOf(
  { directory }: Pick<Config, 'directory' | 'storage'>,
  stack: AsyncDisposableStack,
): Directory {
  switch (directory.kind) {
    case 'addresses':
      return addresses(directory.recipientDelimiter)
    case 'ldap':
      return stack.use(ldapDirectory({ ...directory, url: directory.url ?? '', base: directory.base ?? '' }))
    case 'ispconfig':
    case 'amavis':
    case 'sql':
      throw new CodedError('CONFIG_INVALID', `directory.kind: ${directory.kind} is not built yet`)
  }
}
