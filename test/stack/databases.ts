import { inject as provided } from 'vitest'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { createSqliteStorage } from '../servers/sqlite-storage.ts'
import { createStorage, type Storage, type StorageOptions } from '../servers/storage.ts'

/** What amavisd and this program can keep their tables in. */
export const DATABASES = ['mariadb', 'postgres', 'sqlite'] as const

/** For what is tried on SQLite without a process of its own, too: in the tests that mirror `src`. */
export const SERVERS = ['mariadb', 'postgres'] as const

export type DatabaseKind = (typeof DATABASES)[number]

/** A new database on the servers that all tests share. */
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
