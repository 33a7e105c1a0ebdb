import { expect, inject as provided, test } from 'vitest'
import { addUsers, amavisOn, createUsers } from '../embedded/directory-tables.ts'
import { startAmavisd } from '../servers/amavisd.ts'
import { waitForHeld } from '../servers/held.ts'
import { inject } from '../servers/inject.ts'
import { spamMail } from '../servers/samples.ts'
import { startSmtpSink } from '../servers/smtp-sink.ts'
import { createStorage } from '../servers/storage.ts'

/** No list of local domains of its own: what is local is in the table alone. */
const LOOKUPS = `@lookup_sql_dsn = @storage_sql_dsn; $sql_select_white_black_list = undef; @local_domains_maps = ();
  $recipient_delimiter = '+';`

const USERS = [
  { email: 'bob@example.com', local: 'Y', priority: 8 },
  { email: 'eve@example.com', local: 'N', priority: 8 },
  { email: 'max@example.com', local: null, priority: 8 },
  { email: 'low@example.com', local: 'N', priority: 1 },
  { email: 'blank@example.com', local: ' ', priority: 8 },
  { email: 'small@example.com', local: 'n', priority: 8 },
  { email: 'a+b@example.com', local: 'N', priority: 9 },
  { email: 'a@example.com', local: 'Y', priority: 8 },
  { email: '@example.com', local: 'y', priority: 5 },
  { email: '@.example.net', local: 'Y', priority: 3 },
  { email: '@sub.example.net', local: 'N', priority: 5 },
  { email: '@.xn--bcher-kva.example', local: 'Y', priority: 3 },
  { email: '@.', local: null, priority: 0 },
]

const ASKED = [
  ...['bob', 'eve', 'max', 'low', 'blank', 'small', 'other', 'bob+list', 'eve+list', 'a+b', 'a+c'].map(
    name => `${name}@example.com`,
  ),
  ...['bob@example.net', 'bob@other.example.net', 'bob@sub.example.net', 'bob@deep.sub.example.net'],
  ...['bob@xn--bcher-kva.example', 'bob@sub.example.com', 'bob@example.org'],
]

test('who is a reader by amavisd’s users table is local to amavisd itself', async () => {
  await using storage = await createStorage(provided('mariaDb'))
  await storage.query('CREATE TABLE policy (id int unsigned NOT NULL PRIMARY KEY)')
  await createUsers(storage, 'varbinary(255)', ', local char(1)')
  await addUsers(
    storage,
    USERS.map((user, index) => ({ id: index + 1, ...user })),
  )
  await using sink = await startSmtpSink()
  await using amavisd = await startAmavisd({ storage, sink }, { extra: LOOKUPS })
  await inject(amavisd.smtpPort, { from: 'sender@example.org', to: ASKED }, spamMail())
  await waitForHeld(storage, () => true)
  const rows = await storage.query<{ email: string; is_local: string }>(
    'SELECT a.email, r.is_local FROM msgrcpt r JOIN maddr a ON a.id = r.rid',
  )
  const local = rows.filter(({ is_local }) => is_local === 'Y').map(({ email }) => email)
  await using directory = amavisOn(storage, { recipientDelimiter: '+' })
  const found = await directory.find(ASKED)
  const readers = ASKED.filter(address => found.get(address)?.readers.length === 1)
  expect(rows).toHaveLength(ASKED.length)
  expect(readers.sort()).toEqual(local.sort())
})
