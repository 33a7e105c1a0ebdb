import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type HeldRow, heldRows } from '../servers/held.ts'
import { digestFor } from './digest-mail.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

let world: World
const run = (...options: readonly string[]) => runJson(world.program, ...options)

beforeAll(async () => {
  world = await startWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

test('NULL in every column that may be NULL: the message is listed all the same', async () => {
  await hold(world, 'alice@example.com')
  const columns = await world.storage.query<{ place: string; name: string }>(
    `SELECT table_name AS place, column_name AS name FROM information_schema.columns
     WHERE table_schema = DATABASE() AND is_nullable = 'YES' AND column_key <> 'PRI'
       AND table_name IN ('msgs', 'msgrcpt', 'maddr') AND column_name NOT IN ('content', 'quar_type')`,
  )
  const names = columns.map(({ place, name }) => `${place}.${name}`)
  expect(names).toEqual(
    expect.arrayContaining(['msgs.subject', 'msgs.from_addr', 'msgs.message_id', 'msgs.spam_level']),
  )
  expect(names).toEqual(expect.arrayContaining(['msgs.quar_loc', 'msgs.secret_id', 'msgrcpt.bspam_level']))
  for (const { place, name } of columns) await world.storage.query(`UPDATE ${place} SET ${name} = NULL`)

  expect(await run()).toEqual({ digests: 1, items: 1, sent: 1, failed: 0 })
  expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['(no subject)'])
})

test('a message that nobody has is none: rows without their message, messages without their rows', async () => {
  await hold(world, 'alice@example.com', { subject: 'Without rows' })
  await hold(world, 'alice@example.com', { subject: 'Without message' })
  await hold(world, 'alice@example.com', { subject: 'Whole' })
  await world.storage.query(`DELETE r ${ofMessage}`, ['Without rows'])
  await world.storage.query('DELETE FROM msgs WHERE subject = ?', ['Without message'])
  expect(await run()).toMatchObject({ digests: 1, items: 1 })
  expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Whole'])
})

test.each([
  { column: 'content', value: null, table: 'm' },
  { column: 'quar_type', value: null, table: 'm' },
  { column: 'quar_type', value: ' ', table: 'm' },
  { column: 'ds', value: 'P', table: 'r' },
  { column: 'rs', value: 'R', table: 'r' },
  { column: 'rs', value: 'D', table: 'r' },
  { column: 'rs', value: 'p', table: 'r' },
  { column: 'is_local', value: 'N', table: 'r' },
])('a message whose $column is $value is not held', async ({ column, value, table }) => {
  await hold(world, 'alice@example.com', { subject: 'Not held' })
  await hold(world, 'alice@example.com', { subject: 'Held' })
  const change = `UPDATE msgrcpt r JOIN msgs m USING (partition_tag, mail_id) SET ${table}.${column} = ? WHERE m.subject = ?`
  await world.storage.query(change, [value, 'Not held'])
  expect(await run()).toMatchObject({ digests: 1, items: 1 })
  expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Held'])
})

test('a message that another tool has viewed still waits', async () => {
  await hold(world, 'alice@example.com')
  await world.storage.query("UPDATE msgrcpt SET rs = 'V'")
  expect(await run()).toMatchObject({ items: 1 })
})

test('collect.localOnly: false lists what amavisd calls foreign', async () => {
  await hold(world, 'frank@elsewhere.example.net')
  expect(await run()).toMatchObject({ items: 0 })
  const open = await world.configure({ collect: { localOnly: false } })
  expect(await runJson(open)).toMatchObject({ items: 1, sent: 1 })
})

test('a message that finishes late, with an older time, is found by the overlap', async () => {
  await hold(world, 'alice@example.com', { subject: 'Slow' })
  await hold(world, 'alice@example.com', { subject: 'Quick' })
  await world.storage.query(
    "UPDATE msgs SET content = NULL, time_num = time_num - 600 WHERE subject = 'Slow'",
  )
  expect(await run()).toMatchObject({ items: 1 })
  await world.storage.query("UPDATE msgs SET content = 'S' WHERE subject = 'Slow'")
  world.digests.clear()
  expect(await run()).toMatchObject({ items: 1 })
  expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Slow'])
})

test('the very first run looks back as far as collect.initial says, and no further', async () => {
  for (const [subject, hours] of [
    ['Yesterday', 23],
    ['The day before', 25],
  ] as const) {
    await hold(world, 'alice@example.com', { subject })
    await world.storage.query('UPDATE msgs SET time_num = time_num - ? WHERE subject = ?', [
      hours * 3600,
      subject,
    ])
  }
  expect(await run()).toMatchObject({ items: 1 })
  expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Yesterday'])
})

test('an amavisd whose clock is ahead is not waited for', async () => {
  await hold(world, 'alice@example.com')
  await world.storage.query('UPDATE msgs SET time_num = time_num + 600')
  expect(await run()).toMatchObject({ items: 1, sent: 1 })
})

describe('what happens to a message between its collection and the run', () => {
  test.each([
    {
      what: 'released',
      statement: `UPDATE msgrcpt r JOIN msgs m USING (partition_tag, mail_id) SET r.rs = 'R'`,
    },
    {
      what: 'marked for deletion',
      statement: `UPDATE msgrcpt r JOIN msgs m USING (partition_tag, mail_id) SET r.rs = 'D'`,
    },
    { what: 'purged', statement: 'DELETE m, r FROM msgs m JOIN msgrcpt r USING (partition_tag, mail_id)' },
  ])('$what by another tool: it is dropped, and no empty digest is sent', async ({ statement }) => {
    await hold(world, ['alice@example.com', 'bob@example.com'], { subject: 'Away' })
    await hold(world, 'bob@example.com', { subject: 'Here' })
    expect(await run('--dry-run')).toMatchObject({ digests: 2, items: 3 })
    await world.storage.query(`${statement} WHERE m.subject = 'Away'`)
    expect(await run()).toEqual({ digests: 1, items: 1, sent: 1, failed: 0 })
    expect(world.digests.mails.map(mail => mail.to)).toEqual([['bob@example.com']])
    expect(digestFor(world.digests.mails, 'bob@example.com').subjects).toEqual(['Here'])
  })

  test('pending at another program: it waits for what comes of that', async () => {
    await hold(world, 'alice@example.com')
    expect(await run('--dry-run')).toMatchObject({ items: 1 })
    await world.storage.query("UPDATE msgrcpt SET rs = 'p'")
    expect(await run()).toMatchObject({ digests: 0, items: 0 })
    await world.storage.query("UPDATE msgrcpt SET rs = ' '")
    expect(await run()).toMatchObject({ digests: 1, items: 1, sent: 1 })
  })
})

test('a hostile subject is one line of text, whatever it holds', async () => {
  const [held] = await hold(world, 'alice@example.com', { subject: 'Replaced' })
  const subjects = [
    '\u{1F600}'.repeat(255),
    '{{handlebars}} <mj-raw>',
    '\u202Egnp.exe\r\nBcc: eve',
    '=?x?q?=00?=',
  ]
  for (const subject of subjects) {
    await copyOf(held, subject)
  }
  expect(await run()).toMatchObject({ digests: 1, items: 5, sent: 1 })
  const [mail] = world.digests.mails
  expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(
    expect.arrayContaining(['{{handlebars}} <mj-raw>', 'gnp[.]exe Bcc: eve', '=?x?q?=00?=']),
  )
  expect(mail?.parsed.html).not.toMatch(/\u202E|<mj-raw/)
  expect(mail?.raw.toString('latin1')).not.toMatch(/^Bcc:/m)
  expect(await heldRows(world.storage)).toHaveLength(5)
})

const ofMessage = 'FROM msgrcpt r JOIN msgs m USING (partition_tag, mail_id) WHERE m.subject = ?'

let copies = 0

/** The same message once more under another subject: what amavisd would write for a header that says so. */
async function copyOf(held: HeldRow, subject: string): Promise<void> {
  copies += 1
  for (const table of ['msgs', 'msgrcpt']) {
    await world.storage.query(`CREATE TEMPORARY TABLE copy SELECT * FROM ${table} WHERE mail_id = ?`, [
      held.mail_id,
    ])
    await world.storage.query('UPDATE copy SET mail_id = ?', [`copy${copies}`])
    await world.storage.query(`INSERT INTO ${table} SELECT * FROM copy`)
    await world.storage.query('DROP TEMPORARY TABLE copy')
  }
  await world.storage.query('UPDATE msgs SET subject = ? WHERE mail_id = ?', [subject, `copy${copies}`])
}
