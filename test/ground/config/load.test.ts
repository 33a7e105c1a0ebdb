import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/ground/config/load.ts'
import { DAY, MINUTE } from '../../../src/ground/durations.ts'
import { CodedError } from '../../../src/ground/errors.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const MINIMAL = `publicUrl: https://quarantine.example.com/mail/
storage: { url: "mysql://amavis:storage-paszebra@127.0.0.1:3306/amavis" }
smtp: { url: "smtp://127.0.0.1:10025", from: "Mail quarantine <quarantine@example.com>" }
`

test('only a few options must be set; all others have a default', () => {
  const config = load(MINIMAL)
  expect(config).toMatchObject({
    publicUrl: 'https://quarantine.example.com/mail',
    http: { host: '127.0.0.1', port: 8080, trustProxy: [] },
    release: { via: 'tcp://127.0.0.1:9998', connections: 2 },
    links: { keyFile: '/var/lib/amavis-digest/token.keys', lifetime: 14 * DAY, oneClick: true },
    collect: { every: MINUTE, overlap: 15 * MINUTE, initial: DAY, localOnly: true },
    schedules: [{ name: 'daily', cron: ['0 6 * * *'], timezone: 'UTC', default: true }],
    policy: { spam: 'release', banned: 'confirm', unchecked: 'confirm', virus: 'never' },
    purge: { enabled: false, olderThan: 30 * DAY },
  })
  expect(config.state.url).toBeUndefined()
})

test('the documented example is read', () => {
  const config = load(`publicUrl: https://quarantine.example.com
http:     { host: 127.0.0.1, port: 8080 }
storage:  { url: mysql://amavis_storage:xxxx@127.0.0.1:3306/amavis_storage }
state:    { url: sqlite:///var/lib/amavis-digest/state.sqlite }
smtp:     { url: smtp://127.0.0.1:10025, from: "Mail quarantine <quarantine@example.com>" }
release:  { via: tcp://127.0.0.1:9998 }
links:    { keyFile: /var/lib/amavis-digest/token.keys, lifetime: 14d, oneClick: true }
collect:  { every: 60s, overlap: 15m, initial: 24h }
schedules:
  - { name: daily, cron: "0 6 * * *", timezone: Europe/Paris, default: true }
directory: { kind: addresses }
delivery: { connections: 10, lease: 30s, giveUp: 24h }
policy:   { spam: release, badHeader: release, banned: confirm, unchecked: confirm, virus: never }
purge:    { enabled: false, olderThan: 30d }
queue:    { kind: in-process }
admins:   [postmaster@example.com]
`)
  expect(config.schedules[0]).toMatchObject({ timezone: 'Europe/Paris' })
  expect(config.admins).toEqual([{ address: 'postmaster@example.com' }])
})

test('an abbreviation is refused as a time zone, and the place that is meant is suggested', () => {
  const { message } = faultsOf(`${MINIMAL}readers: { timezone: BST }
schedules: [{ name: daily, cron: "0 6 * * *", timezone: EST, default: true }]
`)
  expect(message).toContain(
    'readers.timezone: expected a time zone such as Europe/Paris (BST: write Europe/London), found "BST"',
  )
  expect(message).toContain('schedules[0].timezone')
  expect(message).toContain('(EST: write America/New_York), found "EST"')
})

test('all faults are reported at once, each with its line, its key, what was expected and what was found', () => {
  const { path, message } = faultsOf(`publicUrl: quarantine.example.com
http: { port: 80800, hots: 127.0.0.1 }
storage: { url: "oracle://u:storage-paszebra@127.0.0.1/amavis" }
smtp: { url: "smtp://127.0.0.1" }
links:
  lifetime: soon
collect: { overlap: 10s }
schedules:
  - { name: daily, cron: "0 25 * * *", default: true }
  - { name: daily, cron: "0 6 * *", timezone: Moon/Base }
policy: { virus: maybe }
purge: { enabled: maybe }
polices: {}
admins: [nobody]
`)
  expect(message.split('\n')[0]).toBe(`The configuration ${path} has 15 faults:`)
  const faults = message.split('\n').slice(1)
  for (const [line, words] of [
    [1, 'publicUrl: expected a URL such as https://quarantine.example.com, found "quarantine.example.com"'],
    [2, 'http.port: expected 65535 or less, found 80800'],
    [2, 'http.hots: unknown key; expected one of host, port, trustProxy, perAddress, perLink, perKey'],
    [3, 'storage.url: expected a URL such as mysql://amavis_storage:xxxx@127.0.0.1:3306/amavis_storage'],
    [4, 'smtp.from: missing; expected an address such as "Mail quarantine <quarantine@example.com>"'],
    [6, 'links.lifetime: expected a span of time from 1h to 3650d, such as 14d, found "soon"'],
    [7, 'collect.overlap: expected a span of time from 1m to 20d, such as 15m, found "10s"'],
    [9, 'schedules: expected different names, found daily twice'],
    [10, 'schedules[1].timezone: expected a time zone such as Europe/Paris, found "Moon/Base"'],
    [11, 'policy.virus: expected "release" or "confirm" or "request" or "never", found "maybe"'],
    [12, 'purge.enabled: expected true or false, found "maybe"'],
    [14, 'admins[0]: expected an address such as postmaster@example.com, found "nobody"'],
  ]) {
    expect(faults).toContain(`  ${path}:${line}: ${words}`)
  }
  expect(message).toMatch(/:9: schedules\[0\]\.cron: expected a cron expression/)
  expect(message).toMatch(/:10: schedules\[1\]\.cron: expected a cron expression of five fields/)
  expect(message).toMatch(/:13: polices: unknown key; expected one of publicUrl, http, storage/)
})

test.each([
  ['no default', '[{ name: a, cron: "0 6 * * *" }]', 'exactly one schedule with default: true'],
  [
    'two defaults',
    '[{ name: a, cron: "0 6 * * *", default: true }, { name: b, cron: "0 6 * * *", default: true }]',
    'exactly one schedule with default: true',
  ],
  [
    'a name used twice',
    '[{ name: a, cron: "0 6 * * *", default: true }, { name: a, cron: "0 6 * * *" }]',
    'expected different names, found a twice',
  ],
])('schedules with %s are refused', (_, schedules, words) => {
  expect(faultsOf(`${MINIMAL}schedules: ${schedules}`).message).toContain(words)
})

test.each([
  '5/10 * * * *',
  'H * * * *',
  '0 6 * * monday',
  '0 22-4 * * *',
  '0 6 31 2 *',
  '@daily',
  '0 25 * * *',
  '0 0 6 * * *',
])('a cron expression that not every program reads the same way is a fault: %s', expression => {
  const schedules = `schedules: [{ name: a, cron: "${expression}", default: true }]`
  expect(faultsOf(`${MINIMAL}${schedules}`).message).toContain('expected a cron expression')
  expect(faultsOf(MINIMAL, { AMAVIS_DIGEST_SCHEDULES: schedules.slice(11) }).message).toContain(
    'expected a cron expression',
  )
})

test.each(['*/10 * * * *', '0 6,18 * * 1-5', '0 0 29 2 *', '0 6 1 jan *', '0 6 * * mon', '0 6 L * *'])(
  'a cron expression that every program reads the same way is accepted: %s',
  expression => {
    const { schedules } = load(`${MINIMAL}schedules: [{ name: a, cron: "${expression}", default: true }]`)
    expect(schedules[0]?.cron).toEqual([expression])
  },
)

test('a span of time that a timer waits for is no longer than a timer can wait', () => {
  const { message } = faultsOf(`${MINIMAL}collect: { every: 25d, overlap: 25d, initial: 400d }
delivery: { lease: 25d, giveUp: 21d }
release: { timeout: 25d }
shutdown: { grace: 25d }
links: { lifetime: 400d }
purge: { olderThan: 400d }
`)
  const [, ...faults] = message.split('\n')
  expect(faults.map(line => /([a-zA-Z.]+): expected a span of time from \w+ to 20d/.exec(line)?.[1])).toEqual(
    [
      'release.timeout',
      'collect.every',
      'collect.overlap',
      'delivery.lease',
      'delivery.giveUp',
      'shutdown.grace',
    ],
  )
})

test.each([
  ['storage', 'storage: { url: "mysql://u:100%-secret-word@h/d" }'],
  ['state', `${MINIMAL}state: { url: "mysql://u:100%-secret-word@h/d" }`],
  ['smtp', 'smtp: { url: "smtp://u:secret-word%ff@h", from: q@example.com }'],
])('a password that is not percent-encoded is a fault that does not show it: %s', (option, text) => {
  const { message } = faultsOf(text)
  expect(message).toContain(
    `${option}.url: expected %23 for #, %2F for /, %3F for ?, %40 for @ and %25 for % in the user and password`,
  )
  expect(message).not.toContain('secret-word')
})

/** Where each URL of the configuration stands, and an example of its scheme. */
const URLS = [
  ['storage.url', 'mysql', (url: string) => `storage: { url: "${url}" }`],
  ['storage.url', 'postgres', (url: string) => `storage: { url: "${url}" }`],
  ['state.url', 'mariadb', (url: string) => `${MINIMAL}state: { url: "${url}" }`],
  ['queue.url', 'redis', (url: string) => `${MINIMAL}queue: { kind: redis, url: "${url}" }`],
  ['queue.url', 'rediss', (url: string) => `${MINIMAL}queue: { url: "${url}" }`],
  ['smtp.url', 'smtp', (url: string) => `smtp: { url: "${url}", from: q@example.com }`],
  ['smtp.url', 'smtps', (url: string) => `smtp: { url: "${url}", from: q@example.com }`],
] as const

const MISPLACED = [
  ...['amavis:47?zebraquiz@', 'amavis:4711/zebraquiz@', 'amavis:12#zebraquiz@', 'amavis:zebraquiz#@'],
  ...['amavis:zebra?quiz@', 'amavis:zebra/quiz@', 'amavis:zebra#quiz@', 'amavis:zebra@1/quiz@'],
  ...['amavis:zebra@x?quiz@', 'amavis:1?zebra=quiz@', 'amavis:1?a=b&zebra=quiz@', ':47?zebraquiz@'],
  ...[':zebraquiz/1@', ':zebra%quiz@', 'zebra/quiz:1@', 'zebra?quiz@', '47/zebraquiz@'],
]

describe.each(URLS)('a password in the wrong part of %s (%s)', (option, scheme, text) => {
  test.each(MISPLACED)('is refused, with the escapes and without the password: %s', signIn => {
    const { message } = faultsOf(text(`${scheme}://${signIn}db.example.com/1`))
    expect(message).toContain(`${option}: expected `)
    for (const code of ['%23', '%2F', '%3F', '%40']) expect(message).toContain(code)
    expect(message).not.toMatch(/zebra|quiz|4711|db\.example/)
  })

  test.each([
    `${scheme}:/amavis:zebraquiz@db.example.com/1`,
    `${scheme}:amavis:zebraquiz@db.example.com/1`,
    `${scheme}:///amavis:zebraquiz@db.example.com/1`,
    `${scheme};//amavis:zebraquiz@db.example.com/1`,
    'amavis:zebraquiz@db.example.com/1',
  ])('is refused without the password where the host is missing: %s', url => {
    const { message } = faultsOf(text(url))
    expect(message).toContain(`${option}: expected `)
    expect(message).not.toMatch(/zebra|db\.example/)
  })

  test('that is escaped is accepted', () => {
    const signIn = `amavis:${encodeURIComponent('a#b/c?d@e%f:g')}@`
    const faults = faultsOf(`${text(`${scheme}://${signIn}db.example.com/1`)}\nnonsense: 1`).message
    expect(faults).not.toContain(option)
  })
})

test.each([
  ['an @ in a password', 'mysql://u:a@b@h/d'],
  ['an @ in the path of a socket', 'mysql://u:p@localhost/d?socketPath=/run/mysqld@1/mysqld.sock'],
  ['an @ in the path of a file', 'sqlite:///var/lib/a@b/state.sqlite'],
])('%s is accepted', (_, url) => {
  expect(load(`${MINIMAL}state: { url: "${url}" }`).state.url).toBe(url)
})

test.each([
  ['storage.url', 'storage: { url: "postgres:db.example.com/amavis" }', 'mysql://amavis_storage'],
  ['smtp.url', 'smtp: { url: "smtp:mail.example.com:25", from: q@example.com }', 'smtp://127.0.0.1:10025'],
  ['queue.url', 'queue: { url: "redis:cache.example.com:6379" }', 'redis://127.0.0.1:6379'],
  ['release.via', 'release: { via: "tcp:192.0.2.1:9998" }', 'tcp://127.0.0.1:9998'],
  ['release.hosts.mx1', 'release: { hosts: { mx1: "tcp:mx1:9998" } }', 'tcp://127.0.0.1:9998'],
  ['state.url', 'state: { url: "mysql:db.example.com/amavis" }', 'mysql://amavis_digest'],
])('%s refuses a URL without //, which would lead to this machine: %s', (option, text, example) => {
  const rest = MINIMAL.split('\n').filter(line => !line.startsWith(`${text.split(':')[0]}:`))
  expect(faultsOf([...rest, text].join('\n')).message).toContain(
    `${option}: expected a URL such as ${example}`,
  )
})

test.each(['https:/amavis:zebraquiz@h', 'amavis:zebraquiz@h', 'https://amavis:zebra quiz@h'])(
  'a URL that takes no password shows none: %s',
  url => {
    expect(faultsOf(MINIMAL.replace(/^publicUrl: .*/, `publicUrl: "${url}"`)).message).not.toMatch(
      /zebra|quiz@/,
    )
  },
)

test.each([
  ['publicUrl', 'publicUrl: "https://admin:zebraquiz@quarantine.example.com"', 'without user and password'],
  ['publicUrl', 'publicUrl: "https://quarantine.example.com/?a=zebraquiz@b"', 'without a ?'],
  ['publicUrl', 'publicUrl: "https://quarantine.example.com/#x"', '%23 for each #'],
  ['release.via', 'release: { via: "tcp://zebraquiz@127.0.0.1:9998" }', 'without user and password'],
  ['release.via', 'release: { via: "unix:///var/a#b.sock" }', '%23 for each #'],
  ['release.hosts.mx1', 'release: { hosts: { mx1: "tcp://a:zebraquiz@h:1" } }', 'without user and password'],
  ['queue.url', 'queue: { url: "redis://h/zebraquiz" }', 'the number of a database'],
  ['queue.url', 'queue: { url: "redis://h/0?paszebra=zebraquiz" }', 'without a ?'],
  ['state.url', 'state: { url: "sqlite:///var/lib/a#b.sqlite" }', '%23 for #'],
])('%s refuses what would be ignored: %s', (option, text, expected) => {
  const rest = text.startsWith('publicUrl') ? MINIMAL.replace(/^publicUrl.*\n/, '') : MINIMAL
  const { message } = faultsOf(`${rest}${text}`)
  expect(message).toContain(`${option}: expected `)
  expect(message).toContain(expected)
  expect(message).not.toContain('zebraquiz')
})

test.each([
  ['postgres', 'storage: { url: "postgres://u:storage-paszebra@h/d" }'],
  ['a URL that is not one', 'storage: { url: "storage-password" }'],
  ['a string for the section', 'storage: mysql://u:storage-paszebra@h/d'],
  ['a URL for a key', 'storage: { mysql://u:storage-paszebra@h/d }'],
  ['a list', 'storage: [mysql://u:storage-paszebra@h/d]'],
  ['a number', 'storage: { url: mysql://u:storage-paszebra@h/d, port: 1 }'],
  ['a string for the file', 'mysql://u:storage-paszebra@h/d'],
])('no message contains a password: %s', (_, text) => {
  expect(faultsOf(text).message).not.toContain('storage-password')
})

test.each([
  ['a line that is not YAML', 'http: { port: 8080\nsmtp: {}', /config\.yaml:2: /],
  ['a repeated key', `${MINIMAL}admins: []\nadmins: []`, /config\.yaml:5: Map keys must be unique/],
  ['a cron expression without its quotes', 'schedules:\n  - cron: *foo', /begins with \* needs quotes/],
])('%s is reported as one fault', (_, text, words) => {
  expect(faultsOf(text).message).toMatch(words)
})

test.each([
  [
    'an entry that is not a domain',
    '[example.com, nobody@example.org]',
    'admins[0].domains[1]: expected a domain such as',
  ],
  ['an empty list', '[]', 'admins[0].domains: expected 1 or more'],
  [
    'too many entries for a query',
    JSON.stringify(Array.from({ length: 501 }, (_, index) => `${index}.example`)),
    'admins[0].domains: expected 500 entries at most',
  ],
])('an admin with %s for domains is a fault', (_, domains, words) => {
  const admins = `admins: [{ address: admin@example.com, domains: ${domains} }]`
  expect(faultsOf(`${MINIMAL}${admins}`).message).toContain(words)
})

test('an admin of all domains may be kept from downloads, and one of some may get them', () => {
  const admins = [
    { address: 'one@example.com', download: false },
    { address: 'two@example.com', domains: ['example.com'], download: true },
  ]
  expect(load(`${MINIMAL}admins: ${JSON.stringify(admins)}`).admins).toEqual(admins)
})

test('a file that is missing or cannot be read is named', () => {
  const folder = temporaryFolder()
  expect(fault(() => loadConfig(join(folder, 'none.yaml'), {})).message).toContain(
    'none.yaml: no such file; amavis-digest init writes one',
  )
  expect(fault(() => loadConfig(folder, {})).message).toContain('cannot be read: EISDIR')
  // Like a folder that we may not enter, which root may.
  symlinkSync('loop.yaml', join(folder, 'loop.yaml'))
  expect(fault(() => loadConfig(join(folder, 'loop.yaml'), {})).message).toContain('cannot be read: ELOOP')
})

test('a section whose keys are all commented out has its defaults', () => {
  expect(load(`${MINIMAL}http:\n  # port: 1\nlinks:\n`).http.port).toBe(8080)
})

test('the configuration is deeply frozen', () => {
  const config = load(MINIMAL)
  expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError)
  expect(() => (config.schedules as unknown[]).push({})).toThrow(TypeError)
})

test('the command line names the file, or else the environment does', () => {
  const folder = temporaryFolder()
  const [one, other] = [join(folder, 'one.yaml'), join(folder, 'other.yaml')]
  writeFileSync(one, `${MINIMAL}http: { port: 1 }`)
  writeFileSync(other, `${MINIMAL}http: { port: 2 }`)
  expect(loadConfig(one, { AMAVIS_DIGEST_CONFIG: other }).http.port).toBe(1)
  expect(loadConfig(undefined, { AMAVIS_DIGEST_CONFIG: other }).http.port).toBe(2)
})

test('the environment takes precedence over the file, for every type of value', () => {
  const config = load(`${MINIMAL}http: { port: 1 }\nadmins: [a@example.com]`, {
    AMAVIS_DIGEST_HTTP_PORT: '8443',
    AMAVIS_DIGEST_HTTP_TRUST_PROXY: '127.0.0.1, 10.0.0.0/8',
    AMAVIS_DIGEST_LINKS_ONECLICK: 'false',
    AMAVIS_DIGEST_LINKS_KEY_FILE: '/elsewhere/token.keys',
    AMAVIS_DIGEST_LINKS_LIFETIME: '3d',
    AMAVIS_DIGEST_SMTP_FROM: 'quarantine@example.org',
    AMAVIS_DIGEST_ADMINS: '[b@example.com]',
    AMAVIS_DIGEST_SCHEDULES: '[{ name: noon, cron: "0 12 * * *", default: true }]',
    HOME: '/root',
  })
  expect(config).toMatchObject({
    http: { port: 8443, trustProxy: ['127.0.0.1', '10.0.0.0/8'] },
    links: { oneClick: false, keyFile: '/elsewhere/token.keys', lifetime: 3 * DAY },
    smtp: { from: 'quarantine@example.org' },
    admins: [{ address: 'b@example.com' }],
    schedules: [{ name: 'noon' }],
  })
})

test('the environment may set everything', () => {
  const config = load('', {
    AMAVIS_DIGEST_PUBLICURL: 'https://quarantine.example.com',
    AMAVIS_DIGEST_STORAGE_URL: 'sqlite:///var/lib/amavis/db.sqlite',
    AMAVIS_DIGEST_SMTP_URL: 'smtp://127.0.0.1',
    AMAVIS_DIGEST_SMTP_FROM: 'quarantine@example.com',
  })
  expect(config.storage.url).toBe('sqlite:///var/lib/amavis/db.sqlite')
})

test('a secret may come from a file, whose final line break is ignored', () => {
  const secret = join(temporaryFolder(), 'storage-url')
  writeFileSync(secret, 'mysql://u:from-file@h/d\n')
  const env = { AMAVIS_DIGEST_STORAGE_URL_FILE: secret, AMAVIS_DIGEST_STATE_URL_FILE: secret }
  expect(load(MINIMAL, env)).toMatchObject({
    storage: { url: 'mysql://u:from-file@h/d' },
    state: { url: 'mysql://u:from-file@h/d' },
  })
})

test('variables that Kubernetes sets in the pods of a service with our name are ignored', () => {
  const { http } = load(MINIMAL, {
    AMAVIS_DIGEST_SERVICE_HOST: '10.0.171.239',
    AMAVIS_DIGEST_SERVICE_PORT: '80',
    AMAVIS_DIGEST_SERVICE_PORT_HTTP: '80',
    AMAVIS_DIGEST_PORT: 'tcp://10.0.171.239:80',
    AMAVIS_DIGEST_PORT_8080_TCP: 'tcp://10.0.171.239:8080',
    AMAVIS_DIGEST_PORT_8080_TCP_PROTO: 'tcp',
    AMAVIS_DIGEST_PORT_8080_TCP_PORT: '8080',
    AMAVIS_DIGEST_PORT_8080_TCP_ADDR: '10.0.171.239',
    AMAVIS_DIGEST_HTTP_PORT: '8443',
  })
  expect(http.port).toBe(8443)
  expect(() => load(MINIMAL, { AMAVIS_DIGEST_PORTS: '1' })).toThrow('AMAVIS_DIGEST_PORTS: no option')
  expect(() => load(MINIMAL, { AMAVIS_DIGEST_PORT_NAME: 'x' })).toThrow('AMAVIS_DIGEST_PORT_NAME: no option')
})

test('a fault in the environment names its variable', () => {
  const { message } = faultsOf(MINIMAL, {
    AMAVIS_DIGEST_HTTP_PORT: 'many',
    AMAVIS_DIGEST_HTTP_PRT: '1',
    AMAVIS_DIGEST_STORAGE_URL: 'oracle://u:storage-paszebra@h/d',
    AMAVIS_DIGEST_SMTP_URL_FILE: '/nowhere/smtp-url',
    AMAVIS_DIGEST_SMTP_FROM_FILE: '/no/secret',
    AMAVIS_DIGEST_ADMINS: '[a@example.com',
  })
  const [, ...faults] = message.split('\n')
  const faultOf = (name: string) => faults.filter(line => line.startsWith(`  ${name}: `)).join()
  expect(faultOf('AMAVIS_DIGEST_HTTP_PORT')).toContain('http.port: expected a number, found "many"')
  expect(faultOf('AMAVIS_DIGEST_HTTP_PRT')).toContain('no option has this name')
  expect(faultOf('AMAVIS_DIGEST_STORAGE_URL')).toContain('storage.url: expected a URL such as')
  expect(faultOf('AMAVIS_DIGEST_SMTP_URL_FILE')).toContain('cannot read the file: ENOENT')
  expect(faultOf('AMAVIS_DIGEST_SMTP_FROM_FILE')).toContain('no option has this name')
  expect(faultOf('AMAVIS_DIGEST_ADMINS')).not.toBe('')
  expect(faults).toHaveLength(6)
  expect(message).not.toContain('storage-password')
})

function load(text: string, env: NodeJS.ProcessEnv = {}) {
  return loadConfig(written(text), env)
}

function written(text: string): string {
  const path = join(temporaryFolder(), 'config.yaml')
  writeFileSync(path, text)
  return path
}

function faultsOf(text: string, env: NodeJS.ProcessEnv = {}) {
  const path = written(text)
  return { path, message: fault(() => loadConfig(path, env)).message }
}

function fault(work: () => unknown): CodedError {
  try {
    work()
  } catch (error) {
    if (error instanceof CodedError && error.code === 'CONFIG_INVALID') return error
    throw error
  }
  throw new Error('no fault was found')
}

test.each([
  ['{ "a b": "tcp://mx:9998" }', 'release.hosts.a b: expected a host name before the URL'],
  ['{ MX1.example.com: "tcp://a:1", mx1.example.com.: "tcp://b:1" }', 'expected each host once'],
  ['{ mx1.example.com: "unix://relative/path" }', 'expected an absolute path'],
  ['{ mx1.example.com: "http://a" }', 'expected a URL such as tcp://127.0.0.1:9998'],
])('release.hosts: %s is refused', (hosts, words) => {
  expect(faultsOf(`${MINIMAL}release: { hosts: ${hosts} }`).message).toContain(words)
})

test('a queue in Redis needs its URL', () => {
  expect(faultsOf(`${MINIMAL}queue: { kind: redis }`).message).toContain(
    'queue.url: missing; expected a URL such as redis://127.0.0.1:6379, because queue.kind is redis',
  )
})

test('an empty variable counts as not set', () => {
  const path = written(`${MINIMAL}http: { port: 1 }\nadmins: [postmaster@example.com]\n`)
  const env = {
    AMAVIS_DIGEST_CONFIG: '',
    AMAVIS_DIGEST_HTTP_PORT: '',
    AMAVIS_DIGEST_ADMINS: '',
    AMAVIS_DIGEST_STORAGE_URL: '',
    AMAVIS_DIGEST_SMTP_URL_FILE: '',
    AMAVIS_DIGEST_SMTP_ENVELOPEFROM: '',
  }
  expect(loadConfig(path, env)).toEqual(loadConfig(path, {}))
  // Then it is the default file that lacks.
  expect(() => loadConfig(undefined, { AMAVIS_DIGEST_CONFIG: '' })).toThrow('publicUrl: missing')
  expect(() => loadConfig('', {})).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('--config') }),
  )
})
