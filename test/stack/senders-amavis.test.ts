import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject as provided, test } from 'vitest'
import { senderPattern } from '../../src/rules/senders/sender-pattern.ts'
import {
  amavisListsOn,
  type ClosableSenderLists,
  createLookupTables,
  SCHEMAS,
} from '../embedded/sender-tables.ts'
import { type Amavisd, startAmavisd } from '../servers/amavisd.ts'
import { inject } from '../servers/inject.ts'
import { bannedMail, cleanMail, type SampleFields, spamMail, virusMail } from '../servers/samples.ts'
import { type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import { createStorage, type Storage } from '../servers/storage.ts'

/** Its own query for policies and lists: README.sql of amavisd. */
const LOOKUPS = `@lookup_sql_dsn = @storage_sql_dsn; $recipient_delimiter = '+';`

const stack = new AsyncDisposableStack()
let amavisd: Amavisd
let storage: Storage
let sink: SmtpSink
let lists: ClosableSenderLists

beforeAll(async () => {
  storage = stack.use(await createStorage(provided('mariaDb')))
  await createLookupTables(storage, SCHEMAS.mariadb)
  sink = stack.use(await startSmtpSink())
  amavisd = stack.use(await startAmavisd({ storage, sink }, { extra: LOOKUPS }))
  lists = stack.use(amavisListsOn(storage.url))
})
afterAll(() => stack.disposeAsync())

interface Sent {
  /** Envelope sender. */
  readonly from: string
  readonly to: string
  /** The From field; the envelope sender by default. */
  readonly field?: string
  readonly make?: (fields: SampleFields) => string
}

/** What became of a mail: `arrived`, or its content code and amavisd's marks of the lists. */
async function fateOf({ from, to, field = `<${from}>`, make = spamMail }: Sent): Promise<string> {
  const messageId = `<${randomUUID()}@fate.example>`
  await inject(amavisd.smtpPort, { from, to: [to] }, make({ from: field, messageId }))
  if (sink.mails.some(({ parsed }) => parsed.messageId === messageId)) return 'arrived'
  const [row] = await storage.query<{ content: string; bl: string; wl: string; is_local: string }>(
    `SELECT r.content, r.bl, r.wl, r.is_local FROM msgrcpt r JOIN msgs m ON m.mail_id = r.mail_id WHERE m.message_id = ?`,
    [messageId],
  )
  return row ? `${row.content} bl=${row.bl.trim()} wl=${row.wl.trim()} local=${row.is_local}` : 'gone'
}

const HELD = 'S bl=N wl=N local=Y'
const BLOCKED = 'S bl=Y wl=N local=Y'

const allow = (owner: string, typed: string) =>
  lists.set(owner, { sender: senderPattern(typed), list: 'allow' })
const block = (owner: string, typed: string) =>
  lists.set(owner, { sender: senderPattern(typed), list: 'block' })

test('the next mail of an allowed sender arrives, by the envelope or by From, and no longer when it is taken back', async () => {
  const to = 'alice@example.com'
  expect(await fateOf({ from: 'bob@shop.example', to })).toBe(HELD)
  await allow(to, 'Bob <Bob@Shop.example>')
  expect(await fateOf({ from: 'bob@shop.example', to })).toBe('arrived')
  expect(await fateOf({ from: 'BOB@Shop.Example', to: 'Alice+list@example.com' })).toBe('arrived')
  expect(await fateOf({ from: 'forger@evil.example', field: 'Bob <bob@shop.example>', to })).toBe('arrived')
  expect(await fateOf({ from: 'other@shop.example', to })).toBe(HELD)
  expect(await fateOf({ from: 'bob@shop.example', to: 'ben@example.com' })).toBe(HELD)
  await lists.remove(to, 'bob@shop.example')
  expect(await fateOf({ from: 'bob@shop.example', to })).toBe(HELD)
})

test('the next mail of a blocked sender is held, by the envelope or by From', async () => {
  const to = 'blocks@example.com'
  const mail = { from: 'eve@evil.example', to, make: cleanMail }
  expect(await fateOf(mail)).toBe('arrived')
  await block(to, 'eve@evil.example')
  expect(await fateOf(mail)).toBe(BLOCKED)
  expect(await fateOf({ ...mail, from: 'bounces@mailer.example', field: 'eve@evil.example' })).toBe(BLOCKED)
  expect(await fateOf({ ...mail, from: '', field: 'eve@evil.example' })).toBe(BLOCKED)
  await allow(to, 'eve@evil.example')
  expect(await fateOf(mail)).toBe('arrived')
})

test('if one of the envelope and From is allowed and the other blocked, the mail arrives', async () => {
  const to = 'both@example.com'
  await allow(to, 'bob@shop.example')
  await block(to, 'eve@evil.example')
  expect(await fateOf({ from: 'bob@shop.example', field: 'eve@evil.example', to })).toBe('arrived')
  expect(await fateOf({ from: 'eve@evil.example', field: 'bob@shop.example', to })).toBe('arrived')
})

test('an allowed sender’s programs and viruses stay held', async () => {
  const to = 'careful@example.com'
  await allow(to, 'bob@shop.example')
  expect(await fateOf({ from: 'bob@shop.example', to, make: bannedMail })).toMatch(/^B/)
  expect(await fateOf({ from: 'bob@shop.example', to, make: virusMail })).toMatch(/^V/)
})

test.each([
  ['@shop.example', 'bob@shop.example', 'arrived'],
  ['@shop.example', 'bob@sub.shop.example', HELD],
  ['@.shop.example', 'bob@shop.example', 'arrived'],
  ['@.shop.example', 'bob@deep.sub.shop.example', 'arrived'],
  ['@.shop.example', 'bob@notshop.example', HELD],
  ['@bücher.example', 'bob@xn--bcher-kva.example', 'arrived'],
  ['@Bücher.example', 'bob@bücher.example', 'arrived'],
  ['"john doe"@shop.example', '"john doe"@shop.example', 'arrived'],
  ['bob+list@shop.example', 'bob+list@shop.example', 'arrived'],
  ['bob+list@shop.example', 'bob@shop.example', HELD],
  ['bob@shop.example', 'bob+list@shop.example', 'arrived'],
])('an entry for %s and a mail of %s: %s', async (typed, from, fate) => {
  const to = 'forms@example.com'
  await allow(to, typed)
  expect(await fateOf({ from, to })).toBe(fate)
  const [entry] = (await lists.read(to)).entries
  expect(entry).toMatchObject({ sender: senderPattern(typed), counts: true })
  await lists.remove(to, senderPattern(typed))
})

test('what is shown as not counting is not followed', async () => {
  const to = 'foreign@example.com'
  for (const sender of ['odd.example', '*@odd.example', 'Bob@ODD.example'])
    await lists.set(to, { sender, list: 'allow' })
  expect((await lists.read(to)).entries.map(({ counts }) => counts)).toEqual([false, false, false])
  expect(await fateOf({ from: 'bob@odd.example', to })).toBe(HELD)
})

test('the most specific owner and the most specific entry decide', async () => {
  const to = 'order@orders.example'
  await block('@orders.example', 'bob@shop.example')
  expect(await fateOf({ from: 'bob@shop.example', to, make: cleanMail })).toMatch(/^S bl=Y/)
  await allow(to, 'bob@shop.example')
  expect(await fateOf({ from: 'bob@shop.example', to })).toBe('arrived')
  await block(to, '@shop.example')
  expect(await fateOf({ from: 'bob@shop.example', to })).toBe('arrived')
  expect(await fateOf({ from: 'other@shop.example', to, make: cleanMail })).toMatch(/^S bl=Y/)
})

test('making lists for somebody changes neither their policy nor whether they are local', async () => {
  await storage.query(`INSERT INTO policy (id, policy_name, spam_kill_level) VALUES (50, 'patient', 5000)`)
  await storage.query(
    `INSERT INTO users (email, priority, policy_id, local) VALUES ('@patient.example', 5, 50, 'N'), ('@.', 0, 50, NULL)`,
  )
  const recipients = ['carol@patient.example', 'carol@sub.example.com', 'carol@foreign.example']
  const fates = async () => {
    const found = []
    for (const to of recipients)
      found.push(
        await fateOf({ from: 'nobody@shop.example', to }),
        await fateOf({ from: 'nobody@shop.example', to, make: bannedMail }),
      )
    return found
  }
  const before = await fates()
  expect(before).toEqual([
    ...['arrived', 'B bl=N wl=N local=N', 'arrived', 'B bl=N wl=N local=Y'],
    ...['arrived', 'B bl=N wl=N local=N'],
  ])
  for (const owner of [...recipients, '@sub.example.com']) await allow(owner, 'bob@elsewhere.example')
  expect(await fates()).toEqual(before)
  await storage.query(`DELETE FROM users WHERE email = '@.'`)
})

test('lists of an address with an extension change nothing else for it', async () => {
  const to = 'erin+list@example.com'
  await storage.query(`INSERT INTO policy (id, policy_name, spam_kill_level) VALUES (51, 'erin', 5000)`)
  await storage.query(
    `INSERT INTO users (email, priority, policy_id) VALUES ('erin@example.com', 7, 51), ('@.', 0, 50)`,
  )
  await storage.query(`UPDATE policy SET spam_kill_level = 6 WHERE id = 50`)
  expect(await fateOf({ from: 'nobody@shop.example', to })).toBe('arrived')
  await block(to, 'eve@evil.example')
  expect(await fateOf({ from: 'nobody@shop.example', to })).toBe('arrived')
  expect(await fateOf({ from: 'eve@evil.example', to, make: cleanMail })).toMatch(/bl=Y/)
  await storage.query(`DELETE FROM users WHERE email = '@.'`)
})

test('the same holds where amavisd found no settings at all', async () => {
  const recipients = ['dave@example.com', 'dave@foreign.example']
  const fates = () => Promise.all(recipients.map(to => fateOf({ from: 'nobody@shop.example', to })))
  const before = await fates()
  expect(before).toEqual([HELD, 'S bl=N wl=N local=N'])
  for (const owner of [...recipients, '@foreign.example', '@.']) await allow(owner, 'bob@elsewhere.example')
  expect(await fates()).toEqual(before)
})
