import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
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
