import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readAmavis } from '../../../../src/ground/config/amavis/amavis.ts'
import { findAmavisdRoutes } from '../../../../src/ground/config/amavis/routes.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { withoutRootsRights } from '../../../without-roots-rights.ts'

/** The files of Debian's package, as far as they matter here. */
const DEBIAN = {
  'conf.d/05-node_id': 'chomp($myhostname = `hostname --fqdn`);\n#$myhostname = "mail.example.com";\n',
  'conf.d/20-debian_defaults': '$inet_socket_port = 10024;   # default listening socket\n',
  'conf.d/25-amavis_helpers': `$unix_socketname = "/var/lib/amavis/amavisd.sock";
$interface_policy{'SOCK'} = 'AM.PDP-SOCK';
$policy_bank{'AM.PDP-SOCK'} = { protocol => 'AM.PDP', auth_required_release => 0 };
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
$policy_bank{'AM.PDP-INET'} = { protocol => 'AM.PDP' };
$forward_method = 'smtp:[127.0.0.1]:10030';
$forward_method = 'smtp:[127.0.0.1]:10025';
$notify_method = 'smtp:[127.0.0.1]:10099';
$myhostname = "mx.example.com";
$mydomain = 'example.com';
`,
  })
  expect(readAmavis(folder).findings).toContainEqual({
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
    admins: ['postmaster@example.com'],
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

test('a single file is read, and one that is missing is named', () => {
  const folder = written({ 'amavisd.conf': "$mydomain = 'example.org';" })
  for (const path of [folder, join(folder, 'amavisd.conf')]) {
    expect(valuesIn(path)).toEqual({
      publicUrl: 'https://quarantine.example.org',
      'smtp.from': 'Mail quarantine <quarantine@example.org>',
      admins: ['postmaster@example.org'],
    })
  }
  expect(readAmavis(join(folder, 'nowhere'))).toEqual({
    findings: [],
    notes: [expect.stringContaining('nowhere: --amavis-conf names it')],
    addition: undefined,
  })
})

test('as on Debian, the files of the package come first, and names with a dot are passed over', () => {
  const root = written({
    'usr/share/amavis/conf.d/10-debian_scripts':
      "$MYHOME = '/var/lib/amavis'; $mydomain = 'package.example';",
    'etc/amavis/conf.d/50-user': '$unix_socketname = "$MYHOME/amavisd.sock"; $mydomain = \'user.example\';',
    'etc/amavis/conf.d/50-user.dpkg-old': "$mydomain = 'old.example';",
    'etc/amavis/conf.d/60-release': RELEASES.replaceAll('9998', 'SOCK'),
    'etc/amavis/en_US/template': "$mydomain = 'template.example';",
  })
  expect(valuesIn(join(root, 'etc/amavis'))).toMatchObject({
    'release.via': 'unix:///var/lib/amavis/amavisd.sock',
    'smtp.from': 'Mail quarantine <quarantine@user.example>',
  })
})

const STORAGE = "@storage_sql_dsn = ( ['DBI:mysql:database=held', 'reader', 'secret'] );"

const RELEASES = "$interface_policy{'9998'} = 'R'; $policy_bank{'R'} = { protocol => 'AM.PDP' };"

/** Sets one thing, and another file takes it back or replaces it. */
const OVERRIDDEN: readonly [what: string, key: string, first: string, later: string][] = [
  ['a database', 'storage.url', STORAGE, '@storage_sql_dsn = ();'],
  ['a database', 'storage.url', STORAGE, 'undef @storage_sql_dsn;'],
  ['a database', 'storage.url', STORAGE, '@storage_sql_dsn = @lookup_sql_dsn;'],
  ['a port', 'release.via', `${RELEASES} $inet_socket_port = 9998;`, '$inet_socket_port = [10024];'],
  ['a port', 'release.via', `${RELEASES} $inet_socket_port = 9998;`, "delete $interface_policy{'9998'};"],
  ['a port', 'release.via', `${RELEASES} $inet_socket_port = 9998;`, "$interface_policy{'9998'} = undef;"],
  ['a port', 'release.via', `${RELEASES} $inet_socket_port = 9998;`, '%interface_policy = ();'],
  [
    'a port',
    'release.via',
    `${RELEASES} $inet_socket_port = 9998;`,
    '$policy_bank{R} = { originating => 1 };',
  ],
  [
    'a socket',
    'release.via',
    `$unix_socketname = '/a'; ${RELEASES.replaceAll('9998', 'SOCK')}`,
    'undef $unix_socketname;',
  ],
  ['a mail server', 'smtp.url', "$forward_method = 'smtp:[127.0.0.1]:10025';", '$forward_method = undef;'],
  ['a name', 'publicUrl', "$myhostname = 'mx.example.com';", '$myhostname = `hostname --fqdn`;'],
  ['a domain', 'smtp.from', "$mydomain = 'example.com';", "$mydomain = join('.', reverse @parts);"],
]

test.each(OVERRIDDEN)('%s that a later file overrides is not found: %s: %s %s', (_, key, first, later) => {
  expect(Object.keys(found({ '50-user': first }))).toContain(key)
  expect(Object.keys(found({ '50-user': first, '60-later': later }))).not.toContain(key)
})

test.each(OVERRIDDEN)(
  '%s that a later file may override is marked with CHECK: %s: %s, perhaps: %s',
  (_, key, first, later) => {
    const folder = written({ '50-user': first, '60-later': `if ($ENV{X}) { ${later} }` })
    const { findings, notes } = readAmavis(folder)
    const shown = JSON.stringify([findings.filter(finding => finding.key === key), notes])
    expect(shown).toContain('CHECK')
    expect(
      findings.filter(({ source }) => source.startsWith('found in')).map(finding => finding.key),
    ).not.toContain(key)
  },
)

test.each([
  ["@x = (['a';", /60-later, line 1: a \[ is never closed\. amavisd itself may refuse it/],
  [
    "include_config_files('/nowhere/x');",
    /\/nowhere\/x: it cannot be read \(ENOENT\), and amavisd does not start without it/,
  ],
  ['do $ENV{MORE};', /60-later: it includes a file whose name cannot be told/],
  ["require './60-later';", /too many files that include each other/],
])('after what cannot be followed, nothing from before is sure: %s', (perl, fault) => {
  const folder = written({ '50-user': `${STORAGE} $myhostname = 'mx.example.com';`, '60-later': perl })
  const { findings, notes } = readAmavis(folder)
  expect(notes[0]).toMatch(fault)
  expect(findings.map(({ key }) => key)).toEqual(['storage.url', 'publicUrl'])
  for (const { source } of findings) expect(source).toMatch(/^CHECK/)
  const after = written({ '50-user': perl.replaceAll('60-later', '50-user'), '60-later': STORAGE })
  expect(readAmavis(after).findings[0]?.source).toBe(`found in ${join(after, '60-later')}`)
})

test('a file that we may not read is named, and what it may set is not sure', () => {
  const folder = written({ '50-user': STORAGE, '60-later': '' })
  chmodSync(folder, 0o755)
  chmodSync(join(folder, '60-later'), 0)
  const { findings, notes } = withoutRootsRights(() => readAmavis(folder))
  expect(notes[0]).toMatch(/60-later: no right to read it\. Run init as root/)
  expect(findings[0]?.source).toMatch(/^CHECK/)
})

test.each([0o000, 0o444, 0o111])(
  'a folder of mode %o that we may not look into is named, and nothing is said of it',
  mode => {
    const folder = written({ 'conf.d/50-user': STORAGE })
    chmodSync(folder, 0o755)
    const parts = join(folder, 'conf.d')
    chmodSync(parts, mode)
    expect(withoutRootsRights(() => readAmavis(folder))).toEqual({
      findings: [],
      notes: [`amavisd: ${parts}: no right to read it. Run init as root.`],
      addition: undefined,
    })
    expect(withoutRootsRights(() => findAmavisdRoutes(folder))).toBeUndefined()
    chmodSync(parts, 0o755)
    chmodSync(folder, 0)
    expect(withoutRootsRights(() => readAmavis(folder)).notes).toEqual([
      expect.stringContaining(`${parts}: no right`),
    ])
    chmodSync(folder, 0o755)
  },
)

test('files that are included are read in their place', () => {
  const folder = written({
    'amavisd.conf': `${STORAGE} include_config_files('FOLDER/more.conf'); do './done.pl'; include_optional_config_files('/nowhere');`,
    'more.conf': "$myhostname = 'mx.example.com'; $mydomain = 'example.com'; 1;",
    'done.pl': "$myhostname = 'mail.example.com'; return 1; $mydomain = 'never.example';",
  })
  const main = join(folder, 'amavisd.conf')
  writeFileSync(main, readFileSync(main, 'utf8').replace('FOLDER', folder))
  expect(valuesIn(folder)).toMatchObject({
    publicUrl: 'https://mail.example.com',
    'smtp.from': 'Mail quarantine <quarantine@example.com>',
  })
  expect(readAmavis(folder).notes.join('\n')).not.toContain('cannot be read')
})

/** The ways of writing in ISPConfig's template, in the parts that matter here. */
const ISPCONFIG = `use strict;
@bypass_virus_checks_maps = (
   \\%bypass_virus_checks, \\@bypass_virus_checks_acl, \\$bypass_virus_checks_re);
@lookup_sql_dsn =
   ( ['DBI:mysql:database=dbispconfig;host=localhost;port=3306', 'ispconfig', 'it\\'s'] );
# @storage_sql_dsn = @lookup_sql_dsn;  # none, same, or separate database
$sql_select_policy =
   'SELECT *,spamfilter_users.id'.
   ' WHERE spamfilter_users.email IN (%k) ORDER BY spamfilter_users.priority DESC';
$final_spam_destiny = D_DISCARD;
$inet_socket_port = [10024,10026];
$forward_method = 'smtp:*:*';
$notify_method = 'smtp:*:*';
$interface_policy{'10026'} = 'ORIGINATING';
$policy_bank{'ORIGINATING'} = {
  originating => 1,
  smtpd_discard_ehlo_keywords => ['8BITMIME'],
};
@mynetworks = qw(0.0.0.0/8 127.0.0.0/8 [::1] [FE80::]/10);
$signed_header_fields{'received'} = 0;
@dkim_signature_options_bysender_maps = (
{ '.' => { ttl => 21*24*3600, c => 'relaxed/simple' } } );
1;  # insure a defined return
`

test('of ISPConfig’s file all is followed, and the port that Postfix takes mail back at is worked out', () => {
  const { findings, notes, addition } = readAmavis(written({ '50-user': ISPCONFIG }))
  expect(findings).toEqual([
    {
      key: 'smtp.url',
      value: 'smtp://127.0.0.1:10025',
      source: expect.stringMatching(/^CHECK: guessed from \$forward_method/),
    },
  ])
  expect(notes.filter(note => note.includes('CHECK'))).toEqual([])
  expect(addition?.perl).toContain("$release_method = 'smtp:[127.0.0.1]:10025';")
})

test('an address that amavisd listens at instead of this computer’s is the one to ask', () => {
  const listens = `${RELEASES} $inet_socket_port = 9998;`
  const via = (perl: string) => found({ '50-user': `${listens} ${perl}` })['release.via']
  expect(via('')).toBe('tcp://127.0.0.1:9998')
  expect(via('$inet_socket_bind = undef;')).toBe('tcp://127.0.0.1:9998')
  expect(via("$inet_socket_bind = ['192.0.2.1', '[2001:db8::1]'];")).toBe('tcp://192.0.2.1:9998')
  expect(via("$inet_socket_port = undef; @listen_sockets = ('[::1]:10024', '192.0.2.7:9998');")).toBe(
    'tcp://192.0.2.7:9998',
  )
})

const SAMPLE = readFileSync(
  new URL('../../../../packaging/amavisd/60-amavis-digest', import.meta.url),
  'utf8',
)

test("Debian's untouched configuration lacks all of this, and our file supplies it", () => {
  const folder = written(DEBIAN)
  const { notes, addition } = readAmavis(folder)
  expect(notes.map(note => /[$@]\w+|its Unix socket/.exec(note)?.[0])).toEqual([
    '@storage_sql_dsn',
    '$spam_quarantine_method',
    '$banned_files_quarantine_method',
    '$bad_header_quarantine_method',
    '$final_spam_destiny',
    '$auth_required_release',
    'its Unix socket',
    '$sql_allow_8bit_address',
  ])
  expect(addition?.file).toBe(join(folder, 'conf.d/60-amavis-digest'))
  const supplied = written({ ...DEBIAN, 'conf.d/60-amavis-digest': SAMPLE })
  expect(readAmavis(supplied)).toMatchObject({ notes: [], addition: undefined })
  expect(valuesIn(supplied)).toMatchObject({
    'storage.url': 'mysql://amavis:password@127.0.0.1:3306/amavis_storage',
    'release.via': 'tcp://127.0.0.1:9998',
  })
})

test.each<Readonly<Record<string, string>>>([
  DEBIAN,
  { '50-user': ISPCONFIG },
  { '50-user': '', '60-amavis-digest': '$spam_quarantine_to = "";' },
  {
    'amavisd.conf': `${STORAGE} $inet_socket_port = [10024, 9998]; $notify_method = undef; $banned_quarantine_to = undef;`,
  },
])('with the text that init prints, read last, nothing is missing', files => {
  const { addition } = readAmavis(written(files))
  const [name = ''] = Object.keys(files)
  const own = addition?.file.split('/').at(-1) ?? ''
  const last = own.endsWith('.conf')
    ? { 'amavisd.conf': `${files['amavisd.conf']}\n${addition?.perl}` }
    : { [join(dirname(name), own)]: addition?.perl ?? '' }
  expect(Object.keys(files)).not.toContain(own)
  const { notes, addition: more } = readAmavis(written({ ...files, ...last }))
  expect(more).toBeUndefined()
  expect(notes.filter(note => !note.includes('Unix socket'))).toEqual([])
})

test("the database of our file does not replace the admin's", () => {
  const url = 'mysql://reader:secret@127.0.0.1:3306/held'
  expect(found({ '50-user': STORAGE, '60-amavis-digest': SAMPLE })).toMatchObject({ 'storage.url': url })
})

const OPEN =
  "$interface_policy{'9998'} = 'AM.PDP-INET'; $policy_bank{'AM.PDP-INET'} = { protocol => 'AM.PDP' };"

const SOCKET =
  "$unix_socketname = '/run/a'; $interface_policy{SOCK} = 'S'; $policy_bank{S} = { protocol => 'AM.PDP' };"

const KEPT = `$spam_quarantine_method = $banned_files_quarantine_method = $bad_header_quarantine_method = 'sql:';
$final_spam_destiny = D_DISCARD; $sql_allow_8bit_address = 1;`

test('a port with a policy, but without its bank, is opened once: twice, amavisd could not bind it', () => {
  const { addition, notes } = readAmavis(
    written({ a: `${STORAGE} ${KEPT}\n$interface_policy{'9998'} = 'AM.PDP-INET';` }),
  )
  expect(addition?.perl.match(/^ *9998,|, 9998\]/gm)).toHaveLength(1)
  expect(notes.join()).not.toContain('Port 9998 has')
})

test.each([
  ['', ['No port takes requests', 'Do not set $inet_socket_port anew', 'adds 9998']],
  [`${OPEN} $inet_socket_port = [10024, 10026];`, ['adds 9998']],
  ['$inet_socket_port = [10024, 9998];', ['adds 9997']],
  [`${OPEN} $inet_socket_port = [10024, 10026, 9998];`, []],
  [`${SOCKET} $forward_method = $notify_method = 'smtp:127.0.0.1:*';`, ['$release_method']],
  [`${SOCKET} $notify_method = 'smtp:127.0.0.1:*'; $release_method = 'smtp:[::1]:10025';`, []],
  [`${SOCKET} $notify_method = 'smtp:127.0.0.1:*';\n$release_method = undef;`, ['$release_method']],
  [
    `${OPEN} $inet_socket_port = [10024, 10026]; $interface_policy{'10026'} = 'ORIGINATING'; $inet_socket_port = [10024, 9998];`,
    ['Port 10026 has an $interface_policy'],
  ],
  [
    `${OPEN} $inet_socket_port = [10024, 9998]; $inet_socket_port = [10024, 10026];`,
    ['No port takes requests'],
  ],
  [`${OPEN} $inet_socket_port = 10024; push(@listen_sockets, 9998);`, []],
  [`${OPEN} $inet_socket_port = [10024]; $inet_socket_port = [@$inet_socket_port, 9998];`, []],
  [
    `${OPEN} $inet_socket_port = 9998; $auth_required_release = 0;`,
    ['$auth_required_release is off for tcp://127.0.0.1:9998'],
  ],
  [`${OPEN} $inet_socket_port = 9998; $spam_quarantine_to = '';`, ['$spam_quarantine_to is empty']],
  [
    `${OPEN} $inet_socket_port = 9998; @spam_quarantine_to_maps = (read_hash('/x'));`,
    ['CHECK: @spam_quarantine_to_maps'],
  ],
  [
    `${OPEN} $inet_socket_port = 9998; $spam_quarantine_method = $ENV{X} ? 'sql:' : undef;`,
    ['CHECK: $spam_quarantine_method'],
  ],
])('what is missing is named, with what to do: %s', (perl, words) => {
  const lacks = notesOn(written({ a: `${STORAGE} ${KEPT}\n${perl}` })).filter(
    note => !note.includes('its Unix socket'),
  )
  expect(lacks).toHaveLength(Math.min(words.length, 1))
  for (const word of words) expect(lacks[0]).toContain(word)
})

test('nothing is missing with our file after the two ports and the relative port of ISPConfig', () => {
  const ispconfig =
    "$inet_socket_port = [10024, 10026]; $forward_method = $notify_method = 'smtp:127.0.0.1:*';"
  expect(notesOn(written({ '50-user': `${STORAGE}\n${ispconfig}`, '60-own': SAMPLE }))).toEqual([])
})

const notesOn = (path: string) => readAmavis(path).notes

const found = (files: Readonly<Record<string, string>>) => valuesIn(written(files))

const valuesIn = (path: string) =>
  Object.fromEntries(readAmavis(path).findings.map(({ key, value }) => [key, value]))

function written(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}
