import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { ispconfigDirectory } from '../../src/ground/directory/ispconfig/ispconfig-directory.ts'
import type { IspconfigTables } from '../../src/ground/directory/ispconfig/tables.ts'
import { planOf } from '../servers/explain.ts'
import { asRoot } from '../servers/mariadb.ts'
import { openSpied, type SpiedDatabase } from '../servers/spied-database.ts'
import type { MariaDbStorage } from '../servers/storage.ts'
import { createIspconfig } from './ispconfig-tables.ts'

const MAILBOXES = 200_000

/** ISPConfig has no index there. They have as many rows as the panel has lists, relayed recipients and clients. */
const WITHOUT_INDEX = ['mail_mailinglist', 'mail_relay_recipient', 'sys_user']

let tables: MariaDbStorage
let database: SpiedDatabase<IspconfigTables>

/** 20,000 domains with 10 mailboxes and as many aliases each; every tenth alias has another one before it. */
beforeAll(async () => {
  tables = await createIspconfig(inject('mariaDb'))
  await asRoot(tables.server, FILL, tables.database)
  database = openSpied<IspconfigTables>(tables.url)
})
afterAll(async () => {
  await database?.[Symbol.asyncDispose]()
  await tables?.[Symbol.asyncDispose]()
})

test('asks for 500 addresses of a large server with a few statements, none of which reads a large table', async () => {
  const asked = Array.from({ length: 100 }, (_, index) => 1 + index * 199).flatMap(n => [
    `box${n}@${domainOf(n)}`,
    `alias${n}@${domainOf(n)}`,
    `chain${n}@${domainOf(n)}`,
    `invented${n}@d${n % 20000}.example`,
    `n${n}@relayed${1 + (n % 100)}.example`,
  ])
  const answers = await directory().find(asked)
  const readers = asked.map(address =>
    answers
      .get(address)
      ?.readers.map(reader => reader.address)
      .join(),
  )
  expect(readers.slice(0, 5)).toEqual([
    'box1@d1.example',
    'box1@d1.example',
    'box1@d1.example',
    'box1@d1.example',
    'n1@relayed2.example',
  ])
  expect(readers.filter(reader => !reader?.includes('@'))).toEqual([])
  // The domains, which of them are relayed to some recipients only, their rows, two for the addresses and one for
  // relayed recipients; two in each later round; the owners.
  expect(database.statements.length).toBeLessThanOrEqual(17)
  for (const statement of database.statements) {
    const plan = await planOf(tables, statement)
    const whole = plan?.filter(step => step.readsAll && !WITHOUT_INDEX.includes(step.table))
    expect(whole, statement.sql.slice(0, 200)).toEqual([])
  }
})

test('takes four statements for 500 addresses that are aliases of mailboxes', async () => {
  const asked = Array.from({ length: 10_000 }, (_, index) => `alias${index + 1}@${domainOf(index + 1)}`)
  const began = database.statements.length
  const answers = await directory().find(asked)
  expect(answers.size).toBe(asked.length)
  expect([...answers.values()].filter(({ readers }) => readers.length !== 1)).toEqual([])
  const forDomains = 4 * (asked.length / 500)
  expect(database.statements.length - began - forDomains).toBeLessThan(4.5 * (asked.length / 500))
})

const directory = () =>
  ispconfigDirectory(database, { recipientDelimiter: '+', outsideReaders: [], servers: [] })

const domainOf = (n: number): string => `d${n % 20000}.example`

const FILL = `
INSERT INTO client (client_id, company_name, language) SELECT seq, concat('Client ', seq), 'de' FROM seq_1_to_1000;
INSERT INTO sys_group (groupid, client_id) SELECT seq, seq FROM seq_1_to_1000;
INSERT INTO sys_user (default_group, client_id, language) SELECT seq, seq, 'fr' FROM seq_1_to_1000;
INSERT INTO mail_domain (server_id, domain, active) SELECT 1, concat('d', seq, '.example'), 'y' FROM seq_0_to_19999;
INSERT INTO mail_relay_domain (server_id, domain) SELECT 1, concat('relayed', seq, '.example') FROM seq_1_to_5000;
INSERT INTO mail_relay_recipient (server_id, source) SELECT 1, concat('@relayed', seq, '.example') FROM seq_1_to_5000;
INSERT INTO mail_mailinglist (server_id, domain, listname) SELECT 1, concat('d', seq, '.example'), 'news' FROM seq_1_to_200;
INSERT INTO mail_user (server_id, email, login, name, sys_groupid)
  SELECT 1, concat('box', seq, '@d', seq MOD 20000, '.example'), concat('box', seq), concat('Owner ', seq), 1 + seq MOD 1000
  FROM seq_1_to_${MAILBOXES};
INSERT INTO mail_forwarding (server_id, source, destination, type, active)
  SELECT 1, concat('alias', seq, '@d', seq MOD 20000, '.example'), concat('box', seq, '@d', seq MOD 20000, '.example'), 'alias', 'y'
  FROM seq_1_to_${MAILBOXES};
INSERT INTO mail_forwarding (server_id, source, destination, type, active)
  SELECT 1, concat('chain', seq, '@d', seq MOD 20000, '.example'), concat('alias', seq, '@d', seq MOD 20000, '.example'), 'forward', 'y'
  FROM seq_1_to_${MAILBOXES / 10};
INSERT INTO mail_forwarding (server_id, source, destination, type, active)
  SELECT 1, concat('@d', seq, '.example'), 'box1@d1.example', 'catchall', 'y' FROM seq_0_to_19999;
ANALYZE TABLE mail_user, mail_forwarding, mail_domain, mail_relay_domain, sys_group, client;
`
