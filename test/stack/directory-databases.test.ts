import { CompiledQuery, type LogEvent } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { mysql } from '../../src/ground/database/mysql.ts'
import { postgres } from '../../src/ground/database/postgres.ts'
import { amavisDirectory } from '../../src/ground/directory/amavis/amavis-directory.ts'
import type { UsersTables } from '../../src/ground/directory/amavis/users-table.ts'
import { directoryContract } from '../contracts/directory.ts'
import {
  addUsers,
  amavisMaker,
  amavisOn,
  createUsers,
  MAIL_QUERY,
  sqlMaker,
  sqlOn,
} from '../embedded/directory-tables.ts'
import { planOf } from '../servers/explain.ts'
import { asRoot } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { openSpied } from '../servers/spied-database.ts'
import { createStorage } from '../servers/storage.ts'
import { openSwitch } from '../servers/tcp-switch.ts'
import { createOn, type DatabaseKind, SERVERS } from './databases.ts'

const emptyOn = (kind: DatabaseKind) => () => createOn(kind, { empty: true })

directoryContract(amavisMaker('amavis on MariaDB', 'varbinary(255)', emptyOn('mariadb')))
directoryContract(amavisMaker('amavis on PostgreSQL', 'bytea', emptyOn('postgres')))
directoryContract(
  amavisMaker(
    'amavis on MariaDB, with text, as before 2.6',
    'varchar(255) character set utf8mb3',
    emptyOn('mariadb'),
  ),
)
directoryContract(
  amavisMaker('amavis on PostgreSQL, with text, as before 2.6', 'varchar(255)', emptyOn('postgres')),
)
directoryContract(sqlMaker('sql on MariaDB', emptyOn('mariadb')))
directoryContract(sqlMaker('sql on PostgreSQL', emptyOn('postgres')))
