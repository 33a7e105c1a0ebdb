import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { commentedConfig } from '../../../src/ground/config/commented-config.ts'
import { initialise } from '../../../src/ground/config/initialise.ts'
import { loadConfig } from '../../../src/ground/config/load.ts'
import { OPTIONS } from '../../../src/ground/config/options.ts'
import { readKeyFile } from '../../../src/ground/links/key-file.ts'
import { NOW } from '../../embedded/clock.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

test('only the owner may read the new file and key, and the file is a valid configuration', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'etc', 'config.yaml')
  const written = initialise({ path, amavisConf: join(folder, 'nowhere'), now: NOW })
  expect(written).toMatchObject({ config: path, keyFile: join(folder, 'etc', 'token.keys'), found: [] })
  for (const file of [written.config, written.keyFile]) expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readKeyFile(written.keyFile, NOW)).toHaveLength(1)
  expect(loadConfig(path, {})).toMatchObject({
    publicUrl: 'https://quarantine.example.com',
    links: { keyFile: written.keyFile },
    schedules: [{ name: 'daily', default: true }],
  })
})

test.skipIf(process.getuid?.() !== 0)(
  'as root, the service’s user may read the file but not change it, and owns the key',
  () => {
    const path = join(temporaryFolder(), 'etc', 'config.yaml')
    // Any user that each machine has: its own group has the same number.
    const written = initialise({ path, amavisConf: '/nowhere', now: NOW, user: 'nobody' })
    expect(written.servedBy).toBe('nobody')
    expect(statSync(path)).toMatchObject({ uid: 0, gid: 65534 })
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(statSync(join(path, '..'))).toMatchObject({ uid: 0, gid: 0 })
    expect(statSync(written.keyFile)).toMatchObject({ uid: 65534, gid: 65534 })
    expect(statSync(written.keyFile).mode & 0o777).toBe(0o600)
    loadConfig(path, {})
  },
)

test.skipIf(process.getuid?.() !== 0)('root writes nothing into a folder that others could change', () => {
  const folder = join(temporaryFolder(), 'etc')
  mkdirSync(folder)
  chownSync(folder, 65534, 65534)
  const path = join(folder, 'config.yaml')
  expect(() => initialise({ path, amavisConf: '/nowhere', now: NOW })).toThrow(
    expect.objectContaining({
      code: 'CONFIG_UNSAFE',
      message: expect.stringContaining(`chown root ${folder}`),
    }),
  )
  expect(existsSync(path)).toBe(false)
})

test("values from amavisd's configuration are written to the file, with their source", () => {
  const folder = temporaryFolder()
  const path = join(folder, 'config.yaml')
  const amavisConf = join(folder, 'amavisd.conf')
  const password = `"pa#ss' : {[x]}`
  writeFileSync(
    amavisConf,
    `@storage_sql_dsn = ( ['DBI:mysql:database=a', 'u', '${password.replaceAll("'", "\\'")}'] );
$myhostname = 'mx.example.com';
`,
  )
  const { found } = initialise({ path, amavisConf, now: NOW })
  expect(found.map(({ key }) => key)).toEqual(['storage.url', 'publicUrl'])
  expect(readFileSync(path, 'utf8')).toMatch(
    /^publicUrl: https:\/\/mx\.example\.com +# CHECK: guessed from .*amavisd\.conf$/m,
  )
  const { password: loaded } = new URL(loadConfig(path, {}).storage.url)
  expect(decodeURIComponent(loaded)).toBe(password)
})

test("ISPConfig's directory is proposed with an account of our own, whose password stands in two files only", () => {
  const { path, ispconfig } = withIspconfig()
  const written = initialise({ path, amavisConf: '/nowhere', ispconfig, now: NOW })
  const { directory, collect, http } = loadConfig(path, {})
  const url = new URL(directory.url ?? '')
  expect(directory.kind).toBe('ispconfig')
  expect({ localOnly: collect.localOnly, port: http.port }).toEqual({ localOnly: false, port: 8090 })
  expect(url.href.replace(url.password, '…')).toBe('mysql://digest_directory:…@127.0.0.1:3306/dbispconfig')
  const { accountFile = '' } = written
  expect(statSync(accountFile)).toMatchObject({ mode: 0o100_600, uid: process.getuid?.() })
  expect(readFileSync(accountFile, 'utf8')).toContain(
    `CREATE USER IF NOT EXISTS digest_directory@'localhost' IDENTIFIED BY '${url.password}';`,
  )
  expect(JSON.stringify(written.lacks)).not.toContain(url.password)
  for (const file of [path, accountFile]) expect(readFileSync(file, 'utf8')).not.toContain('panel-secret')
  expect(written.lacks).toContainEqual(
    expect.stringContaining(`mariadb < ${accountFile} && rm ${accountFile}`),
  )
})

test('allowing and blocking senders through the panel is offered in comments', () => {
  const { path, ispconfig } = withIspconfig("$conf['dbmaster_host'] = 'panel.example.com';")
  initialise({ path, amavisConf: '/nowhere', ispconfig, now: NOW })
  expect(loadConfig(path, {}).senders.kind).toBe('none')
  const text = readFileSync(path, 'utf8')
  expect(text).toMatch(/^ {2}#kind: ispconfig-api {3}# ISPConfig \(.*Remote Users$/m)
  expect(text).toMatch(/^ {2}#url: https:\/\/panel\.example\.com:8080 /m)
  const offered = text.replace(/#(?=kind: ispconfig-api|url: https:\/\/panel|user: amavis-digest)/g, '')
  writeFileSync(path, offered)
  const withPassword = { AMAVIS_DIGEST_SENDERS_PASSWORD: 'x' }
  expect(loadConfig(path, withPassword).senders).toMatchObject({
    kind: 'ispconfig-api',
    user: 'amavis-digest',
  })
})

test('an older account file is kept, and named before anything is written', () => {
  const { path, ispconfig } = withIspconfig()
  mkdirSync(dirname(path))
  writeFileSync(join(dirname(path), 'ispconfig-account.sql'), 'mine')
  expect(() => initialise({ path, amavisConf: '/nowhere', ispconfig, now: NOW })).toThrow(
    'ispconfig-account.sql: it already exists',
  )
  expect(existsSync(path)).toBe(false)
})

test('on one of several servers, the database of this one is proposed, and its master named', () => {
  const { path, ispconfig } = withIspconfig("$conf['dbmaster_host'] = '192.0.2.9'; $conf['server_id'] = '3';")
  expect(initialise({ path, amavisConf: '/nowhere', ispconfig, now: NOW }).lacks).toContainEqual(
    expect.stringMatching(/server_id 3.*master on 192\.0\.2\.9/),
  )
})

test('where ISPConfig’s configuration tells nothing, one line says so, and each address keeps its own digest', () => {
  const { path, ispconfig } = withIspconfig("$conf['db_host'] = getenv('DB');")
  const { lacks, accountFile } = initialise({ path, amavisConf: '/nowhere', ispconfig, now: NOW })
  expect(lacks.filter(sentence => sentence.startsWith('ISPConfig'))).toEqual([
    expect.stringContaining('does not name its database in plain words'),
  ])
  expect(accountFile).toBeUndefined()
  const { directory, http } = loadConfig(path, {})
  expect({ kind: directory.kind, port: http.port }).toEqual({ kind: 'addresses', port: 8090 })
})

function withIspconfig(more = ''): { readonly path: string; readonly ispconfig: string } {
  const folder = temporaryFolder()
  const ispconfig = join(folder, 'config.inc.php')
  writeFileSync(
    ispconfig,
    `<?php $conf['db_host'] = 'localhost'; $conf['db_database'] = 'dbispconfig'; $conf['db_password'] = 'panel-secret'; ${more}`,
  )
  return { path: join(folder, 'etc', 'config.yaml'), ispconfig }
}

test('nothing is overwritten', () => {
  const path = join(temporaryFolder(), 'config.yaml')
  writeFileSync(path, 'mine')
  expect(() => initialise({ path, amavisConf: '/nowhere', now: NOW })).toThrow(
    expect.objectContaining({ code: 'CONFIG_EXISTS' }),
  )
  expect(readFileSync(path, 'utf8')).toBe('mine')
  expect(existsSync(join(path, '..', 'token.keys'))).toBe(false)
})

test('a folder that cannot be created is named', () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  expect(() => initialise({ path: `${file}/config.yaml`, amavisConf: '/nowhere', now: NOW })).toThrow(
    `${file}: cannot be created`,
  )
})

test('the file has every option with its meaning, and every default may be uncommented', () => {
  const text = commentedConfig(new Map())
  for (const option of OPTIONS) {
    expect(text).toMatch(new RegExp(`^ *#?${option.path.at(-1)}:`, 'm'))
    if (option.description) expect(text).toContain(`# ${option.description}`)
  }
  const folder = temporaryFolder()
  const uncommented = join(folder, 'config.yaml')
  // An option without a default stays commented out: it has no value.
  writeFileSync(uncommented, text.replaceAll(/^( *)#(\w+: \S.*)$/gm, '$1$2'))
  const { links: _, ...parsed } = loadConfig(uncommented, {})
  const asWritten = join(folder, 'as-written.yaml')
  writeFileSync(asWritten, text)
  expect(parsed).toEqual((({ links: __, ...rest }) => rest)(loadConfig(asWritten, {})))
  expect(Object.keys(parse(text))).toContain('schedules')
})
