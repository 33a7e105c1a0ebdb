import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
