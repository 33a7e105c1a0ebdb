import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/ground/config/load.ts'
import { ISPCONFIG_COLUMNS, ISPCONFIG_POLICY_COLUMNS } from '../../src/ground/directory/ispconfig/columns.ts'
import { type HeldRow, heldRows } from '../servers/held.ts'
import { migrate } from '../servers/in-process.ts'
import { inject } from '../servers/inject.ts'
import { asRoot } from '../servers/mariadb.ts'
import { badHeaderMail, spamMail } from '../servers/samples.ts'
import { addRows } from './ispconfig-tables.ts'
import { type IspconfigWorld, startIspconfigWorld } from './ispconfig-world.ts'
import { hold, runJson } from './world.ts'

let world: IspconfigWorld

beforeAll(async () => {
  world = await startIspconfigWorld()
  await addRows(world.panel, 'spamfilter_users', [
    { email: '@example.com', priority: 5, policy_id: TRIGGER_HAPPY },
    { email: '@alias.example', priority: 5, policy_id: TRIGGER_HAPPY },
    { email: '@catch.example', priority: 5, policy_id: TRIGGER_HAPPY },
    { email: 'discarding@example.com', policy_id: NORMAL },
    { email: 'inheriting@example.com', policy_id: INHERIT },
    { email: '@plain.example', priority: 5, policy_id: INHERIT },
  ])
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

const INHERIT = 0
const NORMAL = 5
const TRIGGER_HAPPY = 6

test.each([
  ['an alias', 'sales@example.com'],
  ['an address of an alias domain', 'bob@alias.example'],
  ['an invented address of a catch-all', 'invented@catch.example'],
  ['a forward', 'team@example.com'],
  ['a mailbox with an extension', 'bob+list@example.com'],
  ['a mailbox that inherits its policy', 'inheriting@example.com'],
])('mail to %s is held under the address that it was sent to', async (_, address) => {
  const [held] = await hold(world, address)
  expect(held).toMatchObject({ email: address, is_local: 'Y', quar_type: 'Q', ds: 'D', content: 'S' })
})

test('a release goes to the address that the mail was sent to, whatever that leads to', async () => {
  const [held] = await hold(world, 'sales@example.com')
  await runJson(world.program)
  const released = await world.program.command('release', held.mail_id, '--recipient', 'sales@example.com')
  expect(released).toMatchObject({ status: 0 })
  expect(world.mta.mails.map(mail => mail.to)).toEqual([['sales@example.com']])
})

test('the policy Normal discards spam without a row and without a copy', async () => {
  await send('discarding@example.com', spamMail({ subject: 'Gone' }))
  // It got this one after its answer for the first.
  await hold(world, 'bob@example.com', { subject: 'Kept' })
  expect(subjects(await heldRows(world.storage))).toEqual(['Kept'])
  expect(world.mta.mails).toEqual([])
})

test('beside a recipient whose policy keeps mail, it is kept for one whose policy discards it', async () => {
  await send(['discarding@example.com', 'bob@example.com'], spamMail({ subject: 'Both' }))
  await expect
    .poll(async () => (await heldRows(world.storage)).map(row => row.email).toSorted())
    .toEqual(['bob@example.com', 'discarding@example.com'])
})

test('without a policy for a domain amavisd takes it for a foreign one, and init lets collect take such mail', async () => {
  const [held] = await hold(world, 'carla@plain.example')
  expect(held.is_local).toBe('N')
  expect(await runJson(world.program, '--dry-run')).toMatchObject({ items: 0 })
  const proposed = await world.configure({ collect: world.proposed.collect })
  expect(await runJson(proposed)).toMatchObject({ items: 1 })
})

test.each(Object.entries({ ...ISPCONFIG_COLUMNS, ...ISPCONFIG_POLICY_COLUMNS }))(
  'the account that init makes up can read of %s what the directory and doctor read, and no more',
  async (table, columns) => {
    const all = await world.panel.query<{ Field: string }>(`SHOW COLUMNS FROM ${table}`)
    const others = all
      .map(({ Field }) => Field)
      .filter(name => !(columns as readonly string[]).includes(name))
    await asAccount(async ask => {
      await ask(`SELECT ${columns.join(', ')} FROM ${table}`)
      for (const column of others)
        await expect(ask(`SELECT \`${column}\` FROM ${table}`), column).rejects.toThrow('denied')
      await expect(ask(`UPDATE ${table} SET ${columns[0]} = ${columns[0]}`)).rejects.toThrow('denied')
    })
  },
)

test('the account that init makes up can read no other table', async () => {
  await asAccount(async ask => {
    for (const table of ['spamfilter_users', 'spamfilter_policy', 'mail_transport'])
      await expect(ask(`SELECT * FROM ${table}`), table).rejects.toThrow('denied')
  })
})

async function asAccount(
  work: (ask: (statement: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const connection = await createConnection(world.proposed.directory?.url ?? '')
  try {
    await work(statement => connection.query(statement))
  } finally {
    await connection.end()
  }
}

const GUIDE = readFileSync(new URL('../../docs/guides/ispconfig.md', import.meta.url), 'utf8')

test('the databases of the guide have amavisd’s tables, and the program works with its account there', async () => {
  const { server } = world
  await asRoot(server, sqlBlock('CREATE DATABASE amavis_storage'))
  const [, load = ''] = /```\n(zcat [\s\S]*?)\| *\n *mariadb amavis_storage\n```/.exec(GUIDE) ?? []
  const { stdout: tables } = await promisify(execFile)('sh', ['-c', load])
  await asRoot(server, tables, 'amavis_storage')
  await asRoot(server, sqlBlock('CREATE DATABASE amavis_digest'))
  const url = (database: string) =>
    `mysql://amavis_digest:another%20password@127.0.0.1:${server.port}/${database}`
  const program = await world.configure({
    storage: { url: url('amavis_storage') },
    state: { url: url('amavis_digest') },
  })
  await migrate(program.configFile)
  expect(await runJson(program)).toEqual({ digests: 0, items: 0, sent: 0, failed: 0 })
  const amavis = await createConnection(`mysql://amavis:a%20password@127.0.0.1:${server.port}/amavis_storage`)
  await amavis.query("INSERT INTO maddr (partition_tag, email, domain) VALUES (0, 'a@b', 'b')")
  await amavis.end()
})

test('the guide finds domains without a policy', async () => {
  await addRows(world.panel, 'mail_domain', [{ domain: 'example.com' }, { domain: 'plain.example' }])
  expect(await world.panel.query(here(sqlBlock('SELECT d.domain')))).toEqual([{ domain: 'plain.example' }])
})

test('the guide finds policies that keep nothing, and its statement lets amavisd keep such mail', async () => {
  const lost = async () => {
    const rows = await world.panel.query<Losses>(here(sqlBlock('SELECT p.id')))
    return rows
      .filter(row => row.loses_spam || row.loses_banned || row.loses_bad_headers)
      .map(row => row.policy_name)
  }
  expect(await lost()).toEqual(['Non-paying', 'Normal'])
  await addRows(world.panel, 'mail_user', MAILBOXES)
  await addRows(
    world.panel,
    'spamfilter_users',
    MAILBOXES.map(({ email }, index) => ({ email, policy_id: index + 1 })),
  )
  const [ofNonPaying = ''] = MAILBOXES.map(({ email }) => email)
  // It does not look for spam there, and so discards none.
  await send(ofNonPaying, spamMail({ subject: 'Not looked at' }))
  expect(world.mta.mails.map(({ to }) => to)).toEqual([[ofNonPaying]])
  world.mta.clear()
  await send(ofNonPaying, badHeaderMail({ subject: 'Gone' }))
  expect(world.mta.mails).toEqual([])
  expect(await heldRows(world.storage)).toEqual([])
  expect(await examined()).toEqual({
    'ispconfig.discards': [
      expect.stringMatching(
        /^Policy "Non-paying" \(id 1\) \(1 mailbox\) .* its bad_header_quarantine_to is empty/,
      ),
      expect.stringMatching(
        /^Policy "Normal" \(id 5\) \(1 mailbox\) .* its virus_quarantine_to, spam_quarantine_to, banned_quarantine_to, bad_header_quarantine_to are empty/,
      ),
    ],
    'ispconfig.cutoff': [expect.stringMatching(/^Policy "Normal" \(id 5\) \(1 mailbox\) keeps no spam/)],
  })
  await world.panel.query(here(sqlBlock('UPDATE dbispconfig')))
  expect(await lost()).toEqual([])
  expect(await examined()).toEqual({})
  expect(await hold(world, 'discarding@example.com')).toHaveLength(1)
})

/** One under each of the stock policies. */
const MAILBOXES = [
  'non-paying',
  'uncensored',
  'all-spam',
  'viruses',
  'normal',
  'trigger-happy',
  'permissive',
].map(name => ({ email: `${name}@mailboxes.example` }))

/** What doctor finds of mail that is lost, by its checks. */
async function examined(): Promise<Record<string, string[]>> {
  using program = await world.configure({ directory: world.proposed.directory })
  const config = loadConfig(program.configFile, {}, () => {})
  await using app = await createApp(config, { log: pino({ enabled: false }), clock: Date.now })
  const found = await app.doctor.examine({ dnsServer: '127.0.0.1:9', amavisConf: world.amavisd.confFile })
  const lost = found.filter(
    ({ id, status }) => ['ispconfig.discards', 'ispconfig.cutoff'].includes(id) && status !== 'ok',
  )
  return Object.fromEntries(
    [...Map.groupBy(lost, ({ id }) => id)].map(([id, of]) => [id, of.map(({ message }) => message)]),
  )
}

interface Losses {
  readonly policy_name: string
  readonly loses_spam: number | null
  readonly loses_banned: number | null
  readonly loses_bad_headers: number | null
}

function sqlBlock(start: string): string {
  const blocks = [...GUIDE.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, text = '']) => text)
  const block = blocks.find(text => text.startsWith(start))
  if (block === undefined) throw new Error(`the guide has no block that starts with ${start}`)
  return block
}

const here = (sql: string) => sql.replaceAll('dbispconfig.', '')

const send = (to: string | readonly string[], raw: string | Buffer) =>
  inject(world.amavisd.smtpPort, { from: 'sam@sender.example.net', to: [to].flat() }, raw)

const subjects = (rows: readonly HeldRow[]) => rows.map(row => row.subject)
