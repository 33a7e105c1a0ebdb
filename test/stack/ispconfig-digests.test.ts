import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import type { StepKind } from '../../src/ground/directory/directory.ts'
import { ISPCONFIG_COLUMNS } from '../../src/ground/directory/ispconfig/columns.ts'
import { ispconfigDirectory } from '../../src/ground/directory/ispconfig/ispconfig-directory.ts'
import type { IspconfigTables } from '../../src/ground/directory/ispconfig/tables.ts'
import { heldRows } from '../servers/held.ts'
import { asRoot } from '../servers/mariadb.ts'
import { digestFor, withALabels } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import { addRows } from './ispconfig-tables.ts'
import { type IspconfigWorld, startIspconfigWorld } from './ispconfig-world.ts'
import type { Program } from './program.ts'
import { hold, runJson } from './world.ts'

let world: IspconfigWorld
let program: Program

beforeAll(async () => {
  world = await startIspconfigWorld()
  await fill(world)
  program = await world.configure({
    ...world.proposed,
    directory: { ...world.proposed.directory, recipientDelimiter: '+' },
  })
  for (const address of [...Object.keys(READERS), ...NOBODYS])
    await hold(world, address, { subject: subjectOf(address) })
})
afterAll(() => world?.[Symbol.asyncDispose]())

/** Without what a digest writes in another way. */
const subjectOf = (address: string) => `Sent to ${address.replaceAll(/\W/g, ' ')}`

/** To each address one message is sent; who reads it. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  'alice@example.com': ['alice@example.com'],
  'bob@example.com': ['bob@example.com'],
  'sales@example.com': ['alice@example.com'],
  'alice@alias.example': ['alice@example.com'],
  'first@catch.example': ['alice@example.com'],
  'second@catch.example': ['alice@example.com'],
  'team@example.com': ['alice@example.com', 'bob@example.com'],
  'erin@example.com': ['bob@example.com', 'erin@example.com'],
  'bob+list@example.com': ['bob@example.com'],
  'anybody@relay.example': ['anybody@relay.example'],
}

/** A forward to elsewhere, a mailbox that is switched off, a list, a name that nobody has, a domain of strangers. */
const NOBODYS = [
  'away@example.com',
  'dora@example.com',
  'news@example.com',
  'nobody@example.com',
  'friend@elsewhere.example',
]

async function fill({ panel }: IspconfigWorld): Promise<void> {
  await addRows(panel, 'mail_domain', [{ domain: 'example.com' }, { domain: 'catch.example' }])
  await addRows(panel, 'mail_user', [
    { email: 'alice@example.com', sys_groupid: 2, name: 'Alice' },
    { email: 'bob@example.com' },
    { email: 'dora@example.com', access: 'n', postfix: 'n' },
    { email: 'erin@example.com', cc: 'bob@example.com' },
  ])
  await addRows(panel, 'mail_forwarding', [
    { type: 'alias', source: 'sales@example.com', destination: 'alice@example.com' },
    { type: 'aliasdomain', source: '@alias.example', destination: '@example.com' },
    { type: 'catchall', source: '@catch.example', destination: 'alice@example.com' },
    { type: 'forward', source: 'team@example.com', destination: 'alice@example.com, bob@example.com' },
    { type: 'forward', source: 'away@example.com', destination: 'dave@elsewhere.example' },
  ])
  await addRows(panel, 'mail_relay_domain', [{ domain: 'relay.example' }])
  await addRows(panel, 'mail_relay_recipient', [{ source: '@relay.example' }])
  await addRows(panel, 'mail_mailinglist', [{ domain: 'example.com', listname: 'news' }])
  // The panel makes a policy for a domain only when one is chosen.
  await addRows(panel, 'spamfilter_users', [{ email: '@example.com', priority: 5, policy_id: 6 }])
}

test('each mailbox gets one digest with all that was sent to any of its addresses, and nobody else does', async () => {
  expect(await runJson(program)).toMatchObject({ digests: 4, sent: 4, failed: 0 })
  const readers = [...new Set(Object.values(READERS).flat())].toSorted()
  expect(world.digests.mails.flatMap(mail => mail.to.map(withALabels)).toSorted()).toEqual(readers)
  for (const reader of readers) {
    const own = Object.keys(READERS).filter(address => READERS[address]?.includes(reader))
    expect(digestFor(world.digests.mails, reader).subjects.toSorted(), reader).toEqual(
      own.map(subjectOf).toSorted(),
    )
  }
})

test('a release by one of two readers frees the message for the address that it was sent to, once', async () => {
  await using service = await program.serve()
  const post = (reader: string) =>
    follow(service, digestFor(world.digests.mails, reader).release(subjectOf('team@example.com')), {
      method: 'POST',
      headers: { ...JSON_ONLY, ...FORM },
    })
  expect((await post('bob@example.com')).json).toMatchObject({ status: 'released' })
  expect((await post('alice@example.com')).json).toMatchObject({ status: 'already-released' })
  expect(world.mta.mails.map(mail => mail.to)).toEqual([['team@example.com']])
  await expect
    .poll(async () =>
      (await heldRows(world.storage)).filter(row => row.rs.trim() === 'R').map(row => row.email),
    )
    .toEqual(['team@example.com'])
})

/** By which kinds of rows the directory explains each of the addresses. */
const STEPS: Readonly<Record<string, readonly StepKind[]>> = {
  'alice@example.com': ['mailbox'],
  'bob@example.com': ['mailbox'],
  'sales@example.com': ['alias', 'mailbox'],
  'alice@alias.example': ['aliasdomain', 'mailbox'],
  'first@catch.example': ['catchall', 'mailbox'],
  'second@catch.example': ['catchall', 'mailbox'],
  'team@example.com': ['forward', 'forward', 'mailbox', 'mailbox'],
  'erin@example.com': ['mailbox', 'cc', 'mailbox'],
  'bob+list@example.com': ['extension', 'mailbox'],
  'anybody@relay.example': ['relay'],
  'away@example.com': ['forward', 'outside'],
  'dora@example.com': ['off'],
  'news@example.com': ['list'],
  'nobody@example.com': ['unknown'],
  'friend@elsewhere.example': ['outside'],
}

test('the rows that decide each case of the guide explain it', async () => {
  await using database = asAccount()
  const answers = await directoryOn(database).find(Object.keys(STEPS))
  const explained = [...answers].map(([address, { readers, by }]) => [
    address,
    {
      readers: readers.filter(({ isOff }) => !isOff).map(reader => reader.address),
      steps: by.map(({ is }) => is).toSorted(),
    },
  ])
  const expected = Object.entries(STEPS).map(([address, steps]) => [
    address,
    { readers: READERS[address] ?? [], steps: steps.toSorted() },
  ])
  expect(Object.fromEntries(explained)).toEqual(Object.fromEntries(expected))
})

test('directory show prints them', async () => {
  const { status, stdout } = await program.command('directory', 'show', 'sales@example.com', '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    address: 'sales@example.com',
    readers: ['alice@example.com'],
    by: [
      { is: 'alias', to: 'alice@example.com', row: 'mail_forwarding 1' },
      { is: 'mailbox', to: 'alice@example.com', row: 'mail_user 1' },
    ],
  })
})

test('the directory needs each of the columns that its account may read, and asks for what init grants', async () => {
  const { server, panel } = world
  await using database = asAccount()
  const directory = directoryOn(database)
  const ask = () => directory.find(Object.keys(STEPS))
  await expect(ask()).resolves.toHaveProperty('size', Object.keys(STEPS).length)
  for (const [table, columns] of Object.entries(ISPCONFIG_COLUMNS)) {
    for (const column of columns) {
      const right = `SELECT (${column}) ON ${panel.database}.${table}`
      await asRoot(server, `REVOKE ${right} FROM digest_directory@'127.0.0.1'`)
      await expect(ask(), `${table}.${column}`).rejects.toMatchObject({
        code: 'DIRECTORY_REFUSED',
        message: expect.stringContaining(
          `GRANT SELECT (${columns.join(', ')}) ON ${panel.database}.${table} `,
        ),
      })
      await asRoot(server, `GRANT ${right} TO digest_directory@'127.0.0.1'`)
    }
  }
})

/** As the account that `init` makes up. */
const asAccount = () =>
  connect<IspconfigTables>('directory', world.proposed.directory?.url ?? '', { connections: 1 })

const directoryOn = (database: Database<IspconfigTables>) =>
  ispconfigDirectory(database, { recipientDelimiter: '+', outsideReaders: [], servers: [] })
