import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/ground/config/load.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const NOBODY = 65534

const isRoot = process.getuid?.() === 0

const MINIMAL = `publicUrl: https://quarantine.example.com
storage: { url: "mysql://u:password@h/d" }
smtp: { url: "smtp://h", from: q@example.com }
`

describe.skipIf(!isRoot)('root refuses', () => {
  test('a configuration of the service’s user, and one in a folder of theirs', () => {
    const { folder, path } = configured()
    chownSync(path, NOBODY, NOBODY)
    expectRefusal(path, {}, `chown root:nogroup ${path} && chmod 640 ${path}`)
    chownSync(path, 0, 0)
    chownSync(folder, NOBODY, NOBODY)
    expectRefusal(path, {}, `chown root ${folder}`)
  })

  test('a configuration that is missing, if others could put one there', () => {
    const { folder } = configured()
    chmodSync(folder, 0o777)
    expectRefusal(join(folder, 'other.yaml'), {}, `chmod go-w ${folder}`)
  })

  test('a secret file that others could change', () => {
    const { folder, path } = configured()
    const secret = join(folder, 'secret')
    writeFileSync(secret, 'mysql://u:p@h/d', { mode: 0o600 })
    const env = { AMAVIS_DIGEST_STATE_URL_FILE: secret }
    loadConfig(path, env)
    chownSync(secret, NOBODY, NOBODY)
    expectRefusal(path, env, secret)
  })

  test.each([
    ['smtp.caFile', (file: string) => `smtp: { url: "smtp://h", from: q@example.com, caFile: ${file} }`],
    [
      'smtp.dkim.keyFile',
      (file: string) =>
        `smtp: { url: "smtp://h", from: q@example.com, dkim: { domain: d, selector: s, keyFile: ${file} } }`,
    ],
    ['release.via', (file: string) => `release: { via: "exec://${file}" }`],
    ['release.hosts', (file: string) => `release: { hosts: { mx1.example.com: "exec://${file}" } }`],
    ['state.url', (file: string) => `state: { url: "mysql://h/d?ssl-mode=VERIFY_CA&ssl-ca=${file}" }`],
    ['state.url', (file: string) => `state: { url: "postgres://h/d?sslmode=verify-ca&sslrootcert=${file}" }`],
  ])('what %s names, if others could change it', (_, setting) => {
    const { folder, path } = configured()
    const file = join(folder, 'named')
    writeFileSync(file, '', { mode: 0o700 })
    const text = setting(file)
    writeFileSync(path, text.startsWith('smtp') ? MINIMAL.replace(/^smtp.*$/m, text) : `${MINIMAL}${text}\n`)
    loadConfig(path, {})
    chownSync(file, NOBODY, NOBODY)
    expectRefusal(path, {}, `${file} belongs to nobody`)
  })

  test('templates.folder, if others could change a file in it', () => {
    const { folder, path } = configured('templates')
    const templates = join(folder, 'own')
    mkdirSync(join(templates, 'locales'), { recursive: true })
    const words = join(templates, 'locales', 'en.json')
    writeFileSync(words, '{}')
    writeFileSync(path, `${MINIMAL}templates: { folder: ${templates} }\n`)
    loadConfig(path, {})
    chmodSync(words, 0o666)
    expectRefusal(path, {}, `chmod go-w ${words}`)
  })

  test('not the files of the service itself', () => {
    const { folder, path } = configured()
    const state = join(folder, 'state')
    mkdirSync(state)
    chownSync(state, NOBODY, NOBODY)
    writeFileSync(
      path,
      `${MINIMAL}state: { url: "sqlite://${state}/db" }\nlinks: { keyFile: ${state}/token.keys }\n`,
    )
    loadConfig(path, {})
  })
})

test('passwords that every user of the machine can read are warned of, by their options', () => {
  const { path } = configured()
  expect(warningsOf(path)).toEqual([])
  chmodSync(path, 0o640)
  expect(warningsOf(path)).toEqual([])
  chmodSync(path, 0o644)
  expect(warningsOf(path)).toEqual([
    `Every user of this machine can read the passwords in ${path} (storage.url). Run: chmod o= ${path}`,
  ])
  writeFileSync(path, MINIMAL.replace('u:password@', 'u@').replace('smtp://h', 'smtp://u:p@h'))
  expect(warningsOf(path)).toEqual([expect.stringContaining('(smtp.url)')])
  writeFileSync(path, MINIMAL.replace('u:password@', 'u@'))
  expect(warningsOf(path)).toEqual([])
  const ldap = 'kind: ldap, url: "ldaps://h", base: "dc=example", bindDn: "cn=a", password: secret'
  writeFileSync(path, `${MINIMAL.replace('u:password@', 'u@')}directory: { ${ldap} }\n`)
  expect(warningsOf(path)).toEqual([expect.stringContaining('(directory.password)')])
})

function configured(name = 'config') {
  const folder = join(temporaryFolder(), name)
  mkdirSync(folder)
  const path = join(folder, 'config.yaml')
  writeFileSync(path, MINIMAL, { mode: 0o600 })
  return { folder, path }
}

function expectRefusal(path: string, env: NodeJS.ProcessEnv, words: string): void {
  expect(() => loadConfig(path, env)).toThrow(
    expect.objectContaining({ code: 'CONFIG_UNSAFE', message: expect.stringContaining(words) }),
  )
}

function warningsOf(path: string): string[] {
  const warnings: string[] = []
  loadConfig(path, {}, warning => warnings.push(warning))
  return warnings
}
