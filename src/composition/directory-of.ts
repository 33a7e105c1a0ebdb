import type { Config } from '../ground/config/schema.ts'
import { addresses } from '../ground/directory/addresses.ts'
import type { Directory } from '../ground/directory/directory.ts'
import { CodedError } from '../ground/errors.ts'

/** The directory that the configuration asks for. */
export function directoryOf({ directory }: Pick<Config, 'directory'>): Directory {
  switch (directory.kind) {
    case 'addresses':
      return addresses(directory.recipientDelimiter)
    case 'ispconfig':
    case 'amavis':
    case 'sql':
    case 'ldap':
      throw new CodedError('CONFIG_INVALID', `directory.kind: ${directory.kind} is not built yet`)
  }
}
