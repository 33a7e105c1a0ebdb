import { afterAll, beforeAll, expect, inject as provided, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import { ispconfigDirectory } from '../../src/ground/directory/ispconfig/ispconfig-directory.ts'
import type { IspconfigTables } from '../../src/ground/directory/ispconfig/tables.ts'
import { inject } from '../servers/inject.ts'
import { type Postfix, startPostfix } from '../servers/postfix.ts'
import { type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import type { MariaDbStorage } from '../servers/storage.ts'
import { aliasMaps, startLookups } from './ispconfig-lookups.ts'
import { addRows, createIspconfig } from './ispconfig-tables.ts'

const stack = new AsyncDisposableStack()
let tables: MariaDbStorage
let sink: SmtpSink
let postfix: Postfix

beforeAll(async () => {
  tables = stack.use(await createIspconfig(provided('mariaDb')))
  sink = stack.use(await startSmtpSink())
  const lookups = stack.use(await startLookups(tables))
  postfix = stack.use(
    await startPostfix(sink, [`virtual_alias_maps = ${aliasMaps(lookups)}`, 'recipient_delimiter = +']),
  )
  await addRows(
    tables,
    'mail_domain',
    DOMAINS.map(domain => ({ domain })),
  )
  await addRows(tables, 'mail_user', MAILBOXES)
  await addRows(
    tables,
    'mail_forwarding',
    FORWARDINGS.map(([type, source, destination]) => ({ type, source, destination })),
  )
})
afterAll(() => stack.disposeAsync())

test.each([
  'bob@a.example',
  'BOB@A.example',
  'sales@a.example',
  'team@a.example',
  'chain@a.example',
  'bob@alias.example',
  'sales@alias.example',
  'nobody@alias.example',
  'any@caught.example',
  'own@caught.example',
  'listed@caught.example',
  'empty@caught.example',
  'both@a.example',
  'itself@a.example',
  'commas@a.example',
  'blanks@a.example',
  'lines@a.example',
  'semicolons@a.example',
  'copied@a.example',
  'only-copies@a.example',
  'no-copies@a.example',
  'copied-itself@a.example',
  'copied+list@a.example',
  'closed@a.example',
  'bob+list@a.example',
  'sales+list@a.example',
  'bob+list@alias.example',
  'any+list@caught.example',
  'domain@a.example',
  'nothing@a.example',
])('Postfix delivers mail for %s to the mailboxes whose owners the directory names', async address => {
  const from = `probe-${++probes}@client.example.net`
  await inject(postfix.port, { from, to: [address] }, 'Subject: probe\n\nprobe\n')
  const { to } = await sink.waitFor(mail => mail.from === from)
  const delivered = to.map(withoutExtension).filter(recipient => DELIVERED.has(recipient))
  expect(await readersOf(address.toLowerCase())).toEqual([...new Set(delivered)].sort())
})

let probes = 0

async function readersOf(address: string): Promise<string[]> {
  await using database = connect<IspconfigTables>('directory', tables.url, { connections: 2 })
  const options = { recipientDelimiter: '+', outsideReaders: [], servers: [] }
  const answers = await ispconfigDirectory(database, options).find([address])
  return (answers.get(address)?.readers ?? []).filter(({ isOff }) => !isOff).map(reader => reader.address)
}

/** An alias keeps the extension, and the mailbox is found without it. */
const withoutExtension = (address: string): string => address.replace(/\+[^@]*/, '').toLowerCase()

const DOMAINS = ['a.example', 'alias.example', 'caught.example']

const MAILBOXES = [
  { email: 'bob@a.example' },
  { email: 'eve@a.example' },
  { email: 'zoe@a.example' },
  { email: 'both@a.example' },
  { email: 'itself@a.example' },
  { email: 'own@caught.example' },
  { email: 'copied@a.example', cc: 'bob@a.example,eve@a.example' },
  { email: 'copied-itself@a.example', cc: 'bob@a.example' },
  { email: 'only-copies@a.example', cc: 'bob@a.example', disabledeliver: 'y' },
  { email: 'no-copies@a.example', cc: 'bob@a.example', disablesmtp: 'y' },
  { email: 'closed@a.example', postfix: 'n' },
]

const DELIVERED = new Set(
  MAILBOXES.filter(mailbox => !('postfix' in mailbox) && !('disabledeliver' in mailbox)).map(
    ({ email }) => email,
  ),
)

const FORWARDINGS = [
  ['alias', 'sales@a.example', 'bob@a.example'],
  ['forward', 'team@a.example', 'bob@a.example,eve@a.example,out@elsewhere.example'],
  ['alias', 'chain@a.example', 'team@a.example'],
  ['aliasdomain', '@alias.example', '@a.example'],
  ['catchall', '@caught.example', 'zoe@a.example'],
  ['alias', 'listed@caught.example', 'eve@a.example'],
  ['alias', 'empty@caught.example', ''],
  ['alias', 'both@a.example', 'zoe@a.example'],
  ['forward', 'itself@a.example', 'itself@a.example,zoe@a.example'],
  ['forward', 'copied-itself@a.example', 'copied-itself@a.example,zoe@a.example'],
  ['forward', 'commas@a.example', 'bob@a.example,eve@a.example'],
  ['forward', 'blanks@a.example', 'bob@a.example eve@a.example'],
  ['forward', 'lines@a.example', 'bob@a.example\r\neve@a.example\n zoe@a.example'],
  ['forward', 'semicolons@a.example', 'bob@a.example;eve@a.example'],
  ['alias', 'domain@a.example', '@caught.example'],
] as const
