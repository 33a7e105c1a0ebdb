import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAmavis } from '../../src/ground/config/amavis/amavis.ts'
import { initialise } from '../../src/ground/config/initialise.ts'
import { type Amavisd, startAmavisd } from '../servers/amavisd.ts'
import { inject } from '../servers/inject.ts'
import { asRoot, type MariaDb, startMariaDb } from '../servers/mariadb.ts'
import { asPostgres, startPostgres } from '../servers/postgres.ts'
import { spamMail } from '../servers/samples.ts'
import { type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { FORM, follow } from './follow.ts'
import { type Guide, readGuide } from './guide.ts'
import { createProgram, type Program, PUBLIC_URL, type Settings } from './program.ts'

const run = promisify(execFile)

const stack = new AsyncDisposableStack()
const sinks: Record<'mta' | 'digests', SmtpSink> = Object.create(null)

beforeAll(async () => {
  sinks.mta = stack.use(await startSmtpSink())
  sinks.digests = stack.use(await startSmtpSink())
})
afterAll(() => stack.disposeAsync())

/** The commands of a guide that read amavisd's tables from its documentation, up to the client of the database. */
async function tablesOf(guide: Guide): Promise<string> {
  const [, load = ''] = /(zcat [\s\S]*?)\| *\n *(?:mariadb|psql)\b/.exec(guide.block('', 'zcat')) ?? []
  return (await run('sh', ['-c', load])).stdout
}

/** amavisd with the account of the guide. */
const amavisdOn = async (dsn: string): Promise<Amavisd> =>
  stack.use(
    await startAmavisd({
      storage: { ...NO_QUERIES, dsn, user: 'amavis', password: 'a password' },
      sink: sinks.mta,
    }),
  )

/** amavisd needs only where it is. */
const NO_QUERIES = {
  url: '',
  schema: {},
  query: () => Promise.reject(new Error('the guide has no such account')),
  columns: () => Promise.reject(new Error('the guide has no such account')),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

const programOn = async (settings: Settings, amavisd: Amavisd): Promise<Program> =>
  stack.use(
    await createProgram({
      ...settings,
      smtp: { url: sinks.digests.url, from: 'quarantine@example.com' },
      release: { via: `tcp://127.0.0.1:${amavisd.amPdpPort}` },
    }),
  )

/** The commands of a block, as the service's user gives them. */
async function obey(program: Program, commands: readonly string[][]): Promise<void> {
  expect(commands).not.toEqual([])
  for (const words of commands) {
    const { status, stderr } = await program.command(...words)
    expect({ words, status, stderr: status === 0 ? '' : stderr }).toEqual({ words, status: 0, stderr: '' })
  }
}

/** Step 6 of the guides. */
async function firstDigest(program: Program, amavisd: Amavisd, subject: string): Promise<string> {
  const me = 'me@example.com'
  const [mine = [], ...runs] = readGuide('amavis-mariadb').commands('recipients set me@example.com --on')
  await obey(program, [mine])
  sinks.digests.clear()
  await inject(amavisd.smtpPort, { from: 'sam@sender.example.net', to: [me] }, spamMail({ subject }))
  await expect
    .poll(async () => (await program.command('run', '--dry-run', '--recipient', me)).stdout, {
      timeout: 10_000,
    })
    .toContain(me)
  await obey(program, runs)
  const html = sinks.digests.mails[0]?.parsed.html ?? ''
  expect(html).toContain(subject)
  return new RegExp(`${PUBLIC_URL}/release/[\\w.-]+`).exec(html)?.[0] ?? ''
}

describe('with MariaDB', () => {
  const guide = readGuide('amavis-mariadb')
  let server: MariaDb
  let amavisd: Amavisd
  let program: Program
  let link: string

  beforeAll(async () => {
    server = stack.use(await startMariaDb())
    await asRoot(server, guide.block('sql', 'CREATE DATABASE amavis_storage'))
    await asRoot(server, await tablesOf(guide), 'amavis_storage')
    await asRoot(server, guide.block('sql', 'CREATE DATABASE amavis_digest'))
    amavisd = await amavisdOn(`DBI:mysql:database=amavis_storage;host=127.0.0.1;port=${server.port}`)
    program = await programOn(guide.settings('storage:', server.port), amavisd)
  })

  test('init prints what Debian’s amavisd lacks, and finds the file that the guide installs', () => {
    const folder = join(temporaryFolder(), 'etc/amavis')
    mkdirSync(join(folder, 'conf.d'), { recursive: true })
    for (const name of readdirSync('/etc/amavis/conf.d')) {
      copyFileSync(join('/etc/amavis/conf.d', name), join(folder, 'conf.d', name))
    }
    const own = join(folder, 'conf.d/60-amavis-digest')
    expect(readAmavis(folder).addition?.file).toBe(own)
    const sample = new URL('../../packaging/amavisd/60-amavis-digest', import.meta.url)
    writeFileSync(own, readFileSync(sample, 'utf8').replace("'password'", "'a password'"))
    const path = join(temporaryFolder(), 'config.yaml')
    const { addition, found } = initialise({ path, amavisConf: folder, now: Date.now() })
    expect(addition).toBeUndefined()
    expect(found).toContainEqual({
      key: 'storage.url',
      value: 'mysql://amavis:a%20password@127.0.0.1:3306/amavis_storage',
      source: `found in ${own}`,
    })
  })

  test('the accounts of the guide are enough for amavisd, for the first digest and for a release', async () => {
    await obey(program, guide.commands('amavis-digest migrate'))
    link = await firstDigest(program, amavisd, 'The first')
    await using service = await program.serve()
    expect(await follow(service, link, { method: 'POST', headers: FORM })).toMatchObject({ status: 200 })
    expect(sinks.mta.mails.map(mail => mail.parsed.subject)).toEqual(['The first'])
  })

  test('without the rights that hardening takes away, all goes on', async () => {
    const { block } = readGuide('hardening')
    await asRoot(server, block('sql', 'GRANT SELECT ON amavis_storage.maddr'))
    await asRoot(server, block('sql', 'REVOKE'))
    link = await firstDigest(program, amavisd, 'The second')
    await using service = await program.serve()
    expect(service.log()).not.toContain('denied')
  })

  test('after the backup and the restore of the guide, a link that is out still releases', async () => {
    const { block } = readGuide('upkeep')
    const folder = temporaryFolder()
    const here = (commands: string) =>
      commands
        .replaceAll(/\bmariadb(?:-dump)?\b/g, `$& --no-defaults --socket=${server.socketPath} --user=root`)
        .replaceAll('/etc/amavis-digest /var/lib/amavis-digest', `${program.configFile} ${program.keyFile}`)
        .split('\n')
        .filter(line => !line.startsWith('systemctl'))
        .join('\n')
    const sh = (commands: string) =>
      run('sh', ['-ec', here(commands)], {
        cwd: folder,
        env: { ...process.env, MYSQL_PWD: server.rootPassword },
      })
    await sh(block('', 'mariadb-dump'))
    const key = readFileSync(program.keyFile, 'utf8')
    writeFileSync(program.keyFile, '')
    await asRoot(server, 'DROP DATABASE amavis_digest; CREATE DATABASE amavis_digest')
    await sh(block('', 'mariadb amavis_digest <'))
    expect(readFileSync(program.keyFile, 'utf8')).toBe(key)
    sinks.mta.clear()
    await using service = await program.serve()
    expect(await follow(service, link, { method: 'POST', headers: FORM })).toMatchObject({ status: 200 })
    expect(sinks.mta.mails.map(mail => mail.parsed.subject)).toEqual(['The second'])
  })

  test('the statements of a cron job and the rights for purge are as the guide says', async () => {
    const { block, commands } = readGuide('moving')
    await obey(program, commands('recipients set @ --off'))
    await asRoot(server, 'UPDATE msgs SET time_num = 1', 'amavis_storage')
    await asRoot(server, block('sql', 'DELETE FROM msgs'), 'amavis_storage')
    for (const table of ['msgs', 'msgrcpt', 'quarantine']) {
      expect(await asRoot(server, `SELECT 1 FROM ${table}`, 'amavis_storage')).toEqual([])
    }
    expect((await program.command('purge')).stderr).toContain('GRANT')
    await asRoot(server, readGuide('purge').block('sql', 'GRANT DELETE ON amavis_storage.msgs'))
    await obey(program, [...commands('purge --dry-run'), ['purge']])
  })

  test('the uninstallation leaves nothing of ours in the database', async () => {
    const [, sql = ''] = /mariadb -e "(.*)"/.exec(readGuide('upkeep').block('', 'DROP DATABASE')) ?? []
    await asRoot(server, sql)
    const rows = await asRoot(
      server,
      "SELECT User FROM mysql.global_priv WHERE User = 'amavis_digest' UNION SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'amavis_digest'",
    )
    expect(rows).toEqual([])
  })
})

test('with PostgreSQL, the accounts of the guide are enough for the first digest and a release', async () => {
  const guide = readGuide('amavis-postgresql')
  const server = stack.use(await startPostgres())
  const asAdmin = async (sql: string) => {
    // psql's \c is not SQL, and CREATE DATABASE wants to be alone.
    const [first = '', second] = sql.split(/^\\c amavis_storage$/m)
    for (const statement of first.split(';').filter(each => each.trim())) await asPostgres(server, statement)
    if (second !== undefined) await asPostgres(server, second, 'amavis_storage')
  }
  await asAdmin(guide.block('sql', 'CREATE USER amavis PASSWORD'))
  await asPostgres(server, `SET ROLE amavis; ${await tablesOf(guide)}`, 'amavis_storage')
  await asAdmin(guide.block('sql', 'CREATE USER amavis_digest'))
  const perl = guide.block('perl', 'DBI:Pg')
  const [, dsn = ''] = /'(DBI:Pg:[^']*)', 'amavis', 'a password'/.exec(perl) ?? []
  const amavisd = await amavisdOn(`${dsn};port=${server.port}`)
  const program = await programOn(guide.settings('storage:', server.port), amavisd)
  await obey(program, readGuide('amavis-mariadb').commands('amavis-digest migrate'))
  const link = await firstDigest(program, amavisd, 'On PostgreSQL')
  sinks.mta.clear()
  {
    await using service = await program.serve()
    expect(await follow(service, link, { method: 'POST', headers: FORM })).toMatchObject({ status: 200 })
  }
  expect(sinks.mta.mails).toHaveLength(1)
  const { block } = readGuide('upkeep')
  const folder = temporaryFolder()
  const sh = (commands: string) =>
    run('sh', ['-ec', commands.replaceAll('runuser -u postgres -- ', '')], {
      cwd: folder,
      env: {
        ...process.env,
        PGHOST: '127.0.0.1',
        PGPORT: String(server.port),
        PGUSER: 'postgres',
        PGPASSWORD: server.adminPassword,
      },
    })
  await sh(block('', 'pg_dump'))
  await program.command('recipients', 'set', 'later@example.com', '--on')
  await sh(block('', 'psql --quiet --set'))
  const settings = await program.command('recipients', 'export')
  expect(settings.stdout).toContain('me@example.com')
  expect(settings.stdout).not.toContain('later@example.com')
  await sh(block('', 'dropdb'))
  const left =
    "SELECT rolname FROM pg_roles WHERE rolname = 'amavis_digest' UNION SELECT datname FROM pg_database WHERE datname = 'amavis_digest'"
  expect(await asPostgres(server, left)).toEqual([])
  expect(await asPostgres(server, 'SELECT count(*)::int AS held FROM msgs', 'amavis_storage')).toEqual([
    { held: 1 },
  ])
})
