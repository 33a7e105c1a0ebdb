import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readKeyFile } from '../../../src/ground/links/key-file.ts'
import { MIGRATIONS } from '../../../src/ground/state/migrate.ts'
import { VERSION } from '../../../src/ground/version.ts'
import { migrate } from '../../servers/in-process.ts'
import { startSmtpSink } from '../../servers/smtp-sink.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { command, configured } from './command.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 120_000 })

test('--help and --version print on stdout and succeed', async () => {
  const help = await command('--help')
  expect(help).toMatchObject({ status: 0, stderr: '' })
  for (const name of [
    'demo',
    'init',
    'migrate',
    'serve',
    'run',
    'preview',
    'release',
    'schedules',
    'status',
    'keys',
  ]) {
    expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
  }
  expect(await command('run', '--help')).toMatchObject({ status: 0, stderr: '' })
  expect(await command('--version')).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: '' })
})

test.each([
  ['nothing', [], 'Usage: amavis-digest'],
  ['an unknown command', ['rnu'], "unknown command 'rnu'"],
  ['an unknown option', ['run', '--recipent', 'x'], "unknown option '--recipent'"],
  ['an unknown option of a subcommand', ['keys', 'list', '--bogus'], "unknown option '--bogus'"],
  ['a missing argument', ['release', '--recipient', 'x@y.example'], "missing required argument 'mail-id'"],
  ['a missing option', ['preview'], "required option '--recipient <address>' not specified"],
  ['one argument too many', ['migrate', 'now'], 'too many arguments'],
  ['a port that is out of range', ['demo', '--port', '99999'], 'Expected a TCP port'],
  [
    'a configuration that does not exist',
    ['migrate', '--config', '/nowhere/c.yaml'],
    'amavis-digest init writes one',
  ],
  ['a malformed address', ['run', '--recipient', 'a b@c'], '--recipient: a b@c is not an address'],
] as const)(
  '%s is wrong usage: status 2, a message on stderr, nothing on stdout',
  async (_, args, message) => {
    const { status, stdout, stderr } = await command(...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^ +at /m)
  },
)

test('every command that reads a wrong configuration reports all its faults', async () => {
  const path = join(temporaryFolder(), 'config.yaml')
  writeFileSync(path, 'storage: { url: "mysql://u:storage-password@h/d" }\nsmpt: {}\n')
  for (const args of [['serve'], ['keys', 'list']]) {
    const { status, stdout, stderr } = await command(...args, '--config', path)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/3 faults:\n.*publicUrl: missing.*\n.*smtp: missing.*\n.*:2: smpt: unknown key/)
    expect(stderr).not.toContain('storage-password')
  }
})

test('init writes the files once, and refuses to overwrite them', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'config.yaml')
  const args = ['init', '--config', path, '--amavis-conf', join(folder, 'amavisd.conf')]
  writeFileSync(join(folder, 'amavisd.conf'), "$mydomain = 'example.org';\n")
  const first = await command(...args, '--json')
  expect(first).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(first.stdout)).toEqual({
    config: path,
    keyFile: join(folder, 'token.keys'),
    found: ['publicUrl', 'smtp.from', 'admins'].map(key => ({
      key,
      source: `CHECK: guessed from ${join(folder, 'amavisd.conf')}`,
    })),
    lacks: expect.arrayContaining([expect.stringContaining('@storage_sql_dsn is not set')]),
    amavisd: {
      file: join(folder, 'amavis-digest.conf'),
      perl: expect.stringContaining("$interface_policy{'9998'} = 'AM.PDP-INET';"),
      how: expect.stringContaining('Then restart amavisd'),
    },
  })
  expect(readFileSync(path, 'utf8')).toContain('quarantine@example.org')
  const second = await command(...args)
  expect(second).toMatchObject({ status: 2, stdout: '' })
  expect(second.stderr).toContain('it already exists')
})

test('keys are listed and rotated without their secrets', async () => {
  const { config, keyFile } = configured()
  const [made] = JSON.parse((await command('keys', 'list', '--json', '--config', config)).stdout)
  expect(made).toEqual({
    id: expect.any(String),
    createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    verifiesUntil: null,
    signs: true,
  })
  const rotated = await command('keys', 'rotate', '--config', config)
  expect(rotated.status).toBe(0)
  expect(rotated.stdout.split('\n')).toEqual([
    expect.stringMatching(/^ {2}ID +CREATED +USE$/),
    expect.stringMatching(/ signs$/),
    expect.stringMatching(new RegExp(`^ +${made.id} .* verifies until `)),
    '',
  ])
  for (const { key } of readKeyFile(keyFile, Date.now())) {
    expect(rotated.stdout).not.toContain(key.export().toString('base64url'))
  }
})

test('a fresh machine asks for migrate, then does a dry run, a preview and a run; nothing is sent twice', async () => {
  await using sink = await startSmtpSink()
  const { config, folder } = configured(sink.url)
  const ask = (...args: readonly string[]) => command(...args, '--config', config)
  const migrations = MIGRATIONS.map(({ name }) => name).join(', ')

  const early = await ask('run')
  expect(early).toMatchObject({ status: 1, stdout: '' })
  expect(early.stderr).toBe(
    `amavis-digest: The state database lacks ${migrations}. Run: amavis-digest migrate\n`,
  )
  expect(await ask('migrate')).toEqual({
    status: 0,
    stdout: '',
    stderr: `Done: ${migrations}.\n`,
  })
  expect(await ask('migrate', '--json')).toEqual({ status: 0, stdout: '{"applied":[]}\n', stderr: '' })

  const { list, ...rehearsed } = JSON.parse((await ask('run', '--dry-run', '--json')).stdout)
  expect(rehearsed).toEqual({ digests: expect.any(Number), items: expect.any(Number), sent: 0, failed: 0 })
  expect(rehearsed.digests).toBeGreaterThan(1)
  expect(list).toHaveLength(rehearsed.digests)
  const alice = list.find((digest: { reader: string }) => digest.reader === 'alice@example.com')
  expect(alice).toEqual({
    reader: 'alice@example.com',
    items: expect.any(Number),
    deliverTo: 'alice@example.com',
    language: 'en',
    timezone: 'UTC',
  })
  const listed = await ask('run', '--dry-run')
  expect(listed.stderr).toBe(
    `Would make ${rehearsed.digests} digests of ${rehearsed.items} messages. Nothing was claimed or sent.\n`,
  )
  expect(listed.stdout).toMatch(
    /^ {2}READER +MESSAGES +GOES TO +LANGUAGE\n(?: .*\n)* {2}alice@example\.com +\d+ /,
  )

  const preview = join(folder, 'preview.html')
  expect(await ask('preview', '--recipient', 'Alice@Example.com', '--out', preview)).toMatchObject({
    status: 0,
    stdout: '',
  })
  expect(readFileSync(preview, 'utf8')).toContain('/release/preview')
  expect(await ask('preview', '--recipient', 'nobody@example.com')).toMatchObject({
    status: 1,
    stderr: 'amavis-digest: Nothing waits for nobody@example.com.\n',
  })

  const sent = await ask('run', '--json')
  // There is no amavisd, which the configuration allows.
  expect(sent).toMatchObject({ status: 0, stderr: expect.stringContaining('delivery.withoutRelease') })
  expect(JSON.parse(sent.stdout)).toEqual({ ...rehearsed, sent: rehearsed.digests })
  expect(sink.mails).toHaveLength(rehearsed.digests)
  expect((await ask('run', '--json')).stdout).toBe('{"digests":0,"items":0,"sent":0,"failed":0}\n')
})

test('while the mail server is unreachable, run fails with status 1 and says how many digests wait', async () => {
  const { config } = configured('smtp://127.0.0.1:9')
  await migrate(config)
  const { status, stdout, stderr } = await command(
    'run',
    '--recipient',
    'bob@example.com',
    '--config',
    config,
  )
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(/Made 1 digest of \d+ messages?: 0 sent, 1 failed or put off\.\n$/)
})

test('an unknown schedule, an unknown message and an impossible path are reported, each with its status', async () => {
  const { config } = configured()
  const ask = (...args: readonly string[]) => command(...args, '--config', config)
  await ask('migrate')
  expect(await ask('run', '--schedule', 'hourly')).toMatchObject({
    status: 2,
    stderr: 'amavis-digest: There is no schedule hourly. There are: daily.\n',
  })
  expect(await ask('release', 'NoSuchMail12', '--recipient', 'alice@example.com')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('amavisd has no message NoSuchMail12 for alice@example.com'),
  })
  expect(await ask('preview', '--recipient', 'alice@example.com', '--out', '/nowhere/p.html')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--out: ENOENT'),
  })
})
