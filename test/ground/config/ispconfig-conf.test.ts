import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findIspconfig } from '../../../src/ground/config/ispconfig-conf.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { withoutRootsRights } from '../../without-roots-rights.ts'

const SERVER = 'server/lib/config.inc.php'
const PANEL = 'interface/lib/config.inc.php'

/** As the installer of ISPConfig writes it, as far as it matters here. */
const configOf = (settings: Readonly<Record<string, string>> = {}) => {
  const all = {
    db_type: 'mysql',
    db_host: 'localhost',
    db_port: '3306',
    db_database: 'dbispconfig',
    db_user: 'ispconfig',
    db_password: "it's // secret",
    dbmaster_host: '',
    dbmaster_database: 'dbispconfig',
    server_id: '1',
    ...settings,
  }
  const lines = Object.entries(all).map(
    ([name, value]) => `$conf['${name}'] = '${value.replaceAll("'", "\\'")}';`,
  )
  return `<?php\n//** Database\n${lines.join('\n')}\n?>\n`
}

test('the database is that of the server’s own configuration, without the account', () => {
  const folder = written({ [SERVER]: configOf(), [PANEL]: configOf({ db_host: 'panel.example.com' }) })
  expect(findIspconfig(folder)).toEqual({
    host: 'localhost',
    port: 3306,
    database: 'dbispconfig',
    file: join(folder, SERVER),
    serverId: '1',
    master: undefined,
  })
})

test('on a machine that has the panel alone, the panel’s is taken', () => {
  const folder = written({ [PANEL]: configOf({ db_host: '192.0.2.1', db_port: '3307' }) })
  expect(findIspconfig(folder)).toMatchObject({ host: '192.0.2.1', port: 3307, file: join(folder, PANEL) })
  expect(findIspconfig(join(folder, PANEL))).toMatchObject({ host: '192.0.2.1' })
})

test('a local file beside it overrides it, as in ISPConfig', () => {
  const local = "<?php $conf['db_host'] = 'db.example.com'; ?>"
  const folder = written({ [SERVER]: configOf(), 'server/lib/config.inc.local.php': local })
  expect(findIspconfig(folder)).toMatchObject({ host: 'db.example.com', database: 'dbispconfig' })
})

test.each([
  [{ dbmaster_host: 'master.example.com' }, 'master.example.com'],
  [{ dbmaster_host: 'localhost' }, undefined],
  [{ dbmaster_host: 'localhost', dbmaster_database: 'other' }, 'localhost'],
])('with %j the master is %j', (settings, master) => {
  expect(findIspconfig(written({ [SERVER]: configOf(settings) }))).toMatchObject({ master })
})

test.each([
  { db_host: '' },
  { db_host: 'localhost:/run/mysqld/mysqld.sock' },
  { db_host: 'h@evil' },
  { db_port: '0' },
  { db_port: '3306x' },
  { db_database: "x'; DROP" },
  { db_database: '{mysql_server_database}' },
])('what is no name of a host or a database is not taken: %j', settings => {
  const folder = written({ [SERVER]: configOf(settings) })
  expect(findIspconfig(folder)).toEqual({ file: join(folder, SERVER), reason: 'not understood' })
})

test('without ISPConfig there is nothing', () => {
  expect(findIspconfig('/nowhere')).toBeUndefined()
  expect(findIspconfig(written({ [SERVER.slice(0, 6)]: 'a file, no folder' }))).toBeUndefined()
})

test('a file that cannot be read is named, and the panel’s is taken where that can be read', () => {
  // Root may read every file, but no folder as a file.
  const folder = written({ [`${SERVER}/x`]: '' })
  expect(findIspconfig(folder)).toEqual({ file: join(folder, SERVER), reason: 'unreadable' })
  writeFileSync(join(mkdir(folder, 'interface/lib'), 'config.inc.php'), configOf())
  expect(findIspconfig(folder)).toMatchObject({ file: join(folder, PANEL) })
})

test('a folder that we may not enter is named like a file that we may not read', () => {
  const folder = written({ [SERVER]: configOf() })
  chmodSync(folder, 0)
  const [whole, file] = [folder, join(folder, SERVER)]
  for (const path of [whole, file])
    expect(withoutRootsRights(() => findIspconfig(path))).toEqual({ file, reason: 'unreadable' })
  chmodSync(folder, 0o755)
})

function written(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdir(folder, dirname(name))
    writeFileSync(join(folder, name), text)
  }
  return folder
}

function mkdir(folder: string, name: string): string {
  mkdirSync(join(folder, name), { recursive: true })
  return join(folder, name)
}
