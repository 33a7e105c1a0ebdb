import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findInAmavisConf, lacksInAmavisConf } from '../../../src/ground/config/amavis-conf.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** The files of Debian's package, as far as they matter here. */
const DEBIAN = {
  'conf.d/05-node_id': 'chomp($myhostname = `hostname --fqdn`);\n#$myhostname = "mail.example.com";\n',
  'conf.d/20-debian_defaults': '$inet_socket_port = 10024;   # default listening socket\n',
  'conf.d/25-amavis_helpers': `$unix_socketname = "/var/lib/amavis/amavisd.sock";
$interface_policy{'SOCK'} = 'AM.PDP-SOCK';
`,
  'conf.d/50-user': 'use strict;\n1;  # ensure a defined return\n',
}

test("with Debian's untouched configuration, the socket is found", () => {
  expect(found(DEBIAN)).toEqual({ 'release.via': 'unix:///var/lib/amavis/amavisd.sock' })
})

test("an admin's own file wins, and each finding says where it comes from", () => {
  const folder = written({
    ...DEBIAN,
    'conf.d/50-user': `
# @storage_sql_dsn = ( ['DBI:mysql:database=old', 'old', 'old'] );
@storage_sql_dsn =
  ( ['DBI:mysql:database=amavis_storage;host=db.example.com;port=3307',   # the big one
     'amavis_storage',
     'p@ss/w:rd?'] );
$inet_socket_port = [10024, 9998];
$interface_policy{'9998'} = 'AM.PDP-INET';
$forward_method = 'smtp:[127.0.0.1]:10030';
$forward_method = 'smtp:[127.0.0.1]:10025';
$notify_method = 'smtp:[127.0.0.1]:10099';
$myhostname = "mx.example.com";
$mydomain = 'example.com';
`,
  })
  expect(findInAmavisConf(folder)).toContainEqual({
    key: 'storage.url',
    value: 'mysql://amavis_storage:p%40ss%2Fw%3Ard%3F@db.example.com:3307/amavis_storage',
    source: `found in ${join(folder, 'conf.d/50-user')}`,
  })
  expect(valuesIn(folder)).toEqual({
    'storage.url': expect.any(String),
    'release.via': 'tcp://127.0.0.1:9998',
    'smtp.url': 'smtp://127.0.0.1:10025',
    publicUrl: 'https://mx.example.com',
    'smtp.from': 'Mail quarantine <quarantine@example.com>',
  })
})

test('the storage may be the look-up database, as ISPConfig suggests', () => {
  const text = (storage: string) => `
@lookup_sql_dsn =
   ( ['DBI:mysql:database=dbispconfig;host=127.0.0.1;port=3306',
       'ispconfig',
       'secret'] );
${storage}
`
  expect(found({ a: text('@storage_sql_dsn = @lookup_sql_dsn;  # none of our own') })).toEqual({
    'storage.url': 'mysql://ispconfig:secret@127.0.0.1:3306/dbispconfig',
  })
  expect(found({ a: text('#@storage_sql_dsn = @lookup_sql_dsn;') })).toEqual({})
})

test.each([
  ["['DBI:SQLite:dbname=/var/lib/amavis/db.sqlite','','']", 'sqlite:///var/lib/amavis/db.sqlite'],
  ["['DBI:SQLite:/var/lib/amavis/db.sqlite']", 'sqlite:///var/lib/amavis/db.sqlite'],
  ['["DBI:MariaDB:database=a;host=::1", "u", "p"]', 'mysql://u:p@[::1]:3306/a'],
  ["['DBI:mysql:a:db.example.com:3307', 'u', 'p']", 'mysql://u:p@db.example.com:3307/a'],
  ["['DBI:Pg:database=a;host=db.example.com', 'u', 'p']", 'postgres://u:p@db.example.com:5432/a'],
  [
    "['DBI:Pg:dbname=a;port=5433', 'u', 'p']",
    'postgres://u:p@localhost:5433/a?host=%2Fvar%2Frun%2Fpostgresql',
  ],
  ["['DBI:mysql:a', 'u', 'it\\'s']", "mysql://u:it's@127.0.0.1:3306/a"],
  [
    "['DBI:mysql:database=a;mysql_socket=/run/mysqld/mysqld.sock', 'u', 'p']",
    'mysql://u:p@127.0.0.1:3306/a?socketPath=%2Frun%2Fmysqld%2Fmysqld.sock',
  ],
])('%s is %s', (dsn, url) => {
  expect(found({ 'amavisd.conf': `@storage_sql_dsn = ( ${dsn} );` })).toEqual({ 'storage.url': url })
  expect(URL.canParse(url)).toBe(true)
})

test('an MTA may listen on IPv6', () => {
  expect(found({ 'amavisd.conf': "$forward_method = 'esmtp:[::1]:10025';" })).toEqual({
    'smtp.url': 'smtp://[::1]:10025',
  })
})

test.each([
  "@storage_sql_dsn = ( ['DBI:Oracle:x', 'u', 'p'] );",
  '@storage_sql_dsn = @{ do "/etc/amavis/secret.pl" };',
  '$unix_socketname = "$MYHOME/amavisd.sock";',
  '$unix_socketname = undef;',
  '$forward_method = undef;',
  '$myhostname = `hostname`;',
  '=pod\n\0\u{fffd}',
])('Perl that is not understood is left out: %j', text => {
  expect(found({ 'amavisd.conf': text })).toEqual({})
})

test('a single file is read, and a missing or unreadable one is skipped', () => {
  const folder = written({ 'amavisd.conf': "$mydomain = 'example.org';", secret: "$myhostname = 'a.b';" })
  chmodSync(join(folder, 'secret'), 0)
  expect(valuesIn(join(folder, 'amavisd.conf'))).toEqual({
    'smtp.from': 'Mail quarantine <quarantine@example.org>',
  })
  expect(findInAmavisConf(join(folder, 'nowhere'))).toEqual([])
  expect(valuesIn(folder)['smtp.from']).toBe('Mail quarantine <quarantine@example.org>')
})

const SAMPLE = readFileSync(new URL('../../../packaging/amavisd/60-amavis-digest', import.meta.url), 'utf8')

const STORAGE = "@storage_sql_dsn = ( ['DBI:mysql:database=held', 'reader', 'secret'] );"

test("Debian's untouched configuration lacks the database, and our file supplies it", () => {
  expect(lacksInAmavisConf(written(DEBIAN))).toEqual([
    expect.stringContaining('@storage_sql_dsn was not found'),
  ])
  const folder = written({ ...DEBIAN, 'conf.d/60-amavis-digest': SAMPLE })
  expect(lacksInAmavisConf(folder)).toEqual([])
  expect(valuesIn(folder)).toEqual({
    'storage.url': 'mysql://amavis:password@127.0.0.1:3306/amavis_storage',
    'release.via': 'tcp://127.0.0.1:9998',
  })
})

test("the database of our file does not replace the admin's", () => {
  const url = 'mysql://reader:secret@127.0.0.1:3306/held'
  expect(found({ '50-user': STORAGE, '60-amavis-digest': SAMPLE })).toMatchObject({ 'storage.url': url })
})

const OPEN = "$interface_policy{'9998'} = 'AM.PDP-INET';"

test.each([
  ['', ['no socket for release requests', 'do not set $inet_socket_port anew']],
  ["$interface_policy{'9998'} = 'AM.PDP-INET'; $inet_socket_port = [10024, 10026];", ['adds port 9998']],
  ["$interface_policy{'9998'} = 'AM.PDP-INET'; $inet_socket_port = [10024, 10026, 9998];", []],
  [
    "$unix_socketname = '/run/a'; $forward_method = $notify_method = 'smtp:127.0.0.1:*';",
    ['$release_method'],
  ],
  [
    "$unix_socketname = '/run/a'; $notify_method = 'smtp:127.0.0.1:*'; $release_method = 'smtp:[::1]:10025';",
    [],
  ],
  [
    "$unix_socketname = '/run/a'; $notify_method = 'smtp:127.0.0.1:*';\n$release_method = undef;",
    ['$release_method'],
  ],
  [
    `${OPEN} $inet_socket_port = [10024, 10026]; $interface_policy{'10026'} = 'ORIGINATING'; $inet_socket_port = [10024, 9998];`,
    ['port 10026 has an $interface_policy', 'Put it back'],
  ],
  [
    `${OPEN} $inet_socket_port = [10024, 9998]; $inet_socket_port = [10024, 10026];`,
    ['no socket for release requests'],
  ],
  [`${OPEN} $inet_socket_port = 10024; push(@listen_sockets, 9998);`, []],
  [`${OPEN} $inet_socket_port = [10024]; $inet_socket_port = [@$inet_socket_port, 9998];`, []],
])('what is missing is named, with what to do: %s', (perl, words) => {
  const lacks = lacksInAmavisConf(written({ a: `${STORAGE}\n${perl}` }))
  expect(lacks).toHaveLength(Math.min(words.length, 1))
  for (const word of words) expect(lacks[0]).toContain(word)
})

test('nothing is missing with our file after the two ports and the relative port of ISPConfig', () => {
  const ispconfig =
    "$inet_socket_port = [10024, 10026]; $forward_method = $notify_method = 'smtp:127.0.0.1:*';"
  expect(lacksInAmavisConf(written({ '50-user': `${STORAGE}\n${ispconfig}`, '60-own': SAMPLE }))).toEqual([])
})

test('a configuration that is not there is named', () => {
  expect(lacksInAmavisConf('/nowhere')).toEqual([expect.stringContaining('/nowhere: --amavis-conf names it')])
})

const found = (files: Readonly<Record<string, string>>) => valuesIn(written(files))

const valuesIn = (path: string) =>
  Object.fromEntries(findInAmavisConf(path).map(({ key, value }) => [key, value]))

function written(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}
