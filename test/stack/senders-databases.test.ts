import { expect, inject, test } from 'vitest'
import { senderListsContract } from '../contracts/sender-lists.ts'
import { amavisListsMaker, amavisListsOn, createLookupTables, SCHEMAS } from '../embedded/sender-tables.ts'
import { asRoot } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { createStorage } from '../servers/storage.ts'
import { createOn } from './databases.ts'

senderListsContract(
  amavisListsMaker('amavis on MariaDB', SCHEMAS.mariadb, () => createOn('mariadb', { empty: true })),
)
senderListsContract(
  amavisListsMaker('amavis on PostgreSQL', SCHEMAS.postgres, () => createOn('postgres', { empty: true })),
)
