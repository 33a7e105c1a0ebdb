import { inject as provided } from 'vitest'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { createSqliteStorage } from '../servers/sqlite-storage.ts'
import { createStorage, type Storage, type StorageOptions } from '../servers/storage.ts'

/** The databases in which amavisd and this program can keep their tables. */
export const DATABASES = ['mariadb', 'postgres', 'sqlite'] as const

/** For tests whose subject is tested on SQLite in this process anyway, by the tests that mirror `src`. */
export const SERVERS = ['mariadb', 'postgres'] as const

export type DatabaseKind = (typeof DATABASES)[number]

/** Creates a new database on the servers that all tests share. */
export function createOn(kind: DatabaseKind, options?: StorageOptions): Promise<Storage> {
  switch (kind) {
    case 'mariadb':
      return createStorage(provided('mariaDb'), options)
    case 'postgres':
      return createPostgresStorage(provided('postgres'), options)
    case 'sqlite':
      return createSqliteStorage(options)
  }
}
