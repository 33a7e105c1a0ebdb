import { readFileSync } from 'node:fs'
import { expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import type { Directory } from '../../src/ground/directory/directory.ts'
import { sqlOn, type TablesDatabase } from '../embedded/directory-tables.ts'
import { asRoot } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { createStorage } from '../servers/storage.ts'

const GUIDE = readFileSync(new URL('../../docs/guides/directories.md', import.meta.url), 'utf8')

test('the query for PostfixAdmin works with the rights that the guide grants', async () => {
  const { query, rights } = example('PostfixAdmin')
  await using tables = await createStorage(inject('mariaDb'), { empty: true })
  await asRoot(
    tables.server,
    `CREATE TABLE mailbox (username varchar(255) NOT NULL PRIMARY KEY, password varchar(255) NOT NULL, name varchar(255) NOT NULL,
       active tinyint(1) NOT NULL DEFAULT 1) COLLATE latin1_general_ci;
     CREATE TABLE alias (address varchar(255) NOT NULL PRIMARY KEY, goto text NOT NULL, active tinyint(1) NOT NULL DEFAULT 1)
       COLLATE latin1_general_ci;
     CREATE TABLE alias_domain (alias_domain varchar(255) NOT NULL PRIMARY KEY, target_domain varchar(255) NOT NULL,
       active tinyint(1) NOT NULL DEFAULT 1) COLLATE latin1_general_ci;
     INSERT INTO mailbox VALUES ('bob@example.com', 'x', 'Bob', 1), ('zoe@example.com', 'x', 'Zoe', 1), ('off@example.com', 'x', 'Off', 0);
     INSERT INTO alias VALUES ('bob@example.com', 'bob@example.com', 1), ('zoe@example.com', 'zoe@example.com', 1),
       ('off@example.com', 'off@example.com', 1), ('old@example.com', 'bob@example.com', 0),
       ('sales@example.com', 'bob@example.com, zoe@example.com,eve"s@example.net', 1);
     INSERT INTO alias_domain VALUES ('example.org', 'example.com', 1)`,
    tables.database,
  )
  const account = `${tables.user}@'127.0.0.1'`
  await asRoot(tables.server, `REVOKE ALL ON ${tables.database}.* FROM ${account}`)
  for (const grant of rights)
    await asRoot(
      tables.server,
      grant.replace('digest_directory@127.0.0.1', account).replace('postfix.', `${tables.database}.`),
    )
  await expectReaders(tables, query, {
    'bob@example.com': ['bob@example.com'],
    'sales@example.com': ['bob@example.com', 'zoe@example.com'],
    'bob@example.org': ['bob@example.com'],
    'off@example.com': [],
    'old@example.com': [],
    'eve@example.net': [],
  })
})

test('the query for Modoboa works with the rights that the guide grants', async () => {
  const { query, rights } = example('Modoboa')
  await using tables = await createPostgresStorage(inject('postgres'), { empty: true })
  await asPostgres(
    tables.server,
    `CREATE TABLE core_user (id integer PRIMARY KEY, password varchar(128), first_name varchar(30), last_name varchar(30),
       is_active boolean, language varchar(10));
     CREATE TABLE admin_domain (id integer PRIMARY KEY, name varchar(100) UNIQUE, enabled boolean);
     CREATE TABLE admin_mailbox (id integer PRIMARY KEY, address varchar(252), domain_id integer, user_id integer);
     CREATE TABLE admin_alias (id integer PRIMARY KEY, address varchar(254) UNIQUE, enabled boolean, expire_at timestamptz);
     CREATE TABLE modoboa_admin_aliasrecipient (id integer PRIMARY KEY, address varchar(254), alias_id integer,
       r_mailbox_id integer, r_alias_id integer);
     INSERT INTO core_user VALUES (1, 'x', 'Bob', 'Builder', true, 'fr'), (2, 'x', 'Zoe', '', true, 'pt_BR'), (3, 'x', '', '', false, 'en');
     INSERT INTO admin_domain VALUES (1, 'example.com', true);
     INSERT INTO admin_mailbox VALUES (1, 'bob', 1, 1), (2, 'zoe', 1, 2), (3, 'off', 1, 3);
     INSERT INTO admin_alias VALUES (1, 'bob@example.com', true, NULL), (2, 'zoe@example.com', true, NULL),
       (3, 'off@example.com', true, NULL), (4, 'sales@example.com', true, NULL), (5, 'old@example.com', true, '2020-01-01');
     INSERT INTO modoboa_admin_aliasrecipient VALUES (1, 'bob@example.com', 1, 1, NULL), (2, 'zoe@example.com', 2, 2, NULL),
       (3, 'off@example.com', 3, 3, NULL), (4, 'bob@example.com', 4, 1, NULL), (5, 'zoe@example.com', 4, 2, NULL),
       (6, 'eve@example.net', 4, NULL, NULL), (7, 'bob@example.com', 5, 1, NULL)`,
    tables.database,
  )
  for (const grant of rights)
    await asPostgres(tables.server, grant.replace('digest_directory', tables.user), tables.database)
  const found = await expectReaders(tables, query, {
    'bob@example.com': ['bob@example.com'],
    'sales@example.com': ['bob@example.com', 'zoe@example.com'],
    'off@example.com': [],
    'old@example.com': [],
    'eve@example.net': [],
  })
  expect(found.get('sales@example.com')?.readers).toMatchObject([
    { name: 'Bob Builder', language: 'fr' },
    { name: 'Zoe', language: 'pt-BR' },
  ])
})

/** The query of a section of the guide, and its grants. */
function example(program: string): { readonly query: string; readonly rights: readonly string[] } {
  const [, section = ''] = new RegExp(`\n### ${program}(.*?)\n##`, 's').exec(GUIDE) ?? []
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(section) ?? []
  const [, sql = ''] = /```sql\n(.*?)```/s.exec(section) ?? []
  const { directory } = parse(yaml) as { directory: { query: string } }
  return { query: directory.query, rights: sql.split('\n').filter(line => line.startsWith('GRANT')) }
}

async function expectReaders(
  tables: TablesDatabase,
  query: string,
  readers: Readonly<Record<string, readonly string[]>>,
): ReturnType<Directory['find']> {
  await using directory = sqlOn(tables, query)
  const found = await directory.find(Object.keys(readers))
  expect(
    Object.fromEntries(
      [...found].map(([address, answer]) => [address, answer.readers.map(reader => reader.address)]),
    ),
  ).toEqual(readers)
  return found
}
