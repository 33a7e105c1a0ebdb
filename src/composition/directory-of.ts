import type { Config } from '../ground/config/schema.ts'
import { addresses } from '../ground/directory/addresses.ts'
import type { Directory } from '../ground/directory/directory.ts'

/** The directory that the configuration asks for. */
export function directoryOf({ directory }: Pick<Config, 'directory'>): Directory {
  switch (directory.kind) {
    case 'addresses':
      return addresses
  }
}
