import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type HeldRow, heldRows } from '../servers/held.ts'
import type { Storage } from '../servers/storage.ts'
import { SERVERS } from './databases.ts'
import { digestFor } from './digest-mail.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

describe.each(SERVERS)('on %s', database => {
  let world: World
  const run = (...options: readonly string[]) => runJson(world.program, ...options)

  beforeAll(async () => {
    world = await startWorld({ database })
  })
  beforeEach(() => world.reset())
  afterAll(() => world?.[Symbol.asyncDispose]())

  test('a message is listed even with NULL in every column that may be NULL', async () => {
    await hold(world, 'alice@example.com')
    const columns = (await world.storage.columns()).filter(
      ({ place, name, nullable }) =>
        nullable && /^(msgs|msgrcpt|maddr)$/.test(place) && !/^(content|quar_type)$/.test(name),
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

  test('recipient rows without their message, and messages without recipient rows, are ignored', async () => {
    await hold(world, 'alice@example.com', { subject: 'Without rows' })
    await hold(world, 'alice@example.com', { subject: 'Without message' })
    await hold(world, 'alice@example.com', { subject: 'Complete' })
    await world.storage.query(`DELETE FROM msgrcpt ${OF_MESSAGE}`, ['Without rows'])
    await world.storage.query('DELETE FROM msgs WHERE subject = ?', ['Without message'])
    expect(await run()).toMatchObject({ digests: 1, items: 1 })
    expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Complete'])
  })

  test('a message is not listed if any one column says that it is not held', async () => {
    const columns = [
      { column: 'content', value: null, table: 'msgs' },
      { column: 'quar_type', value: null, table: 'msgs' },
      { column: 'quar_type', value: ' ', table: 'msgs' },
      { column: 'ds', value: 'P', table: 'msgrcpt' },
      { column: 'rs', value: 'R', table: 'msgrcpt' },
      { column: 'rs', value: 'D', table: 'msgrcpt' },
      { column: 'rs', value: 'p', table: 'msgrcpt' },
      { column: 'is_local', value: 'N', table: 'msgrcpt' },
    ]
    for (const { column, value, table } of columns) {
      const [{ mail_id }] = await hold(world, 'alice@example.com')
      await world.storage.query(`UPDATE ${table} SET ${column} = ? WHERE mail_id = ?`, [value, mail_id])
    }
    await hold(world, 'alice@example.com', { subject: 'Held' })
    expect(await run()).toMatchObject({ digests: 1, items: 1 })
    expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Held'])
  })

  test('a message that was viewed with another tool is still listed', async () => {
    await hold(world, 'alice@example.com')
    await world.storage.query("UPDATE msgrcpt SET rs = 'V'")
    expect(await run()).toMatchObject({ items: 1 })
  })

  test('with collect.localOnly: false, recipients that are not local get digests too', async () => {
    await hold(world, 'frank@elsewhere.example.net')
    expect(await run()).toMatchObject({ items: 0 })
    const open = await world.configure({ collect: { localOnly: false } })
    expect(await runJson(open)).toMatchObject({ items: 1, sent: 1 })
  })

  test('the overlap finds a message that amavisd finished late, with an older time', async () => {
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

  test('messages from an amavisd whose clock is ahead are listed at once', async () => {
    await hold(world, 'alice@example.com')
    await world.storage.query('UPDATE msgs SET time_num = time_num + 600')
    expect(await run()).toMatchObject({ items: 1, sent: 1 })
  })

  describe('a message that changes between its collection and the run', () => {
    test.each([
      { what: 'released', statements: [`UPDATE msgrcpt SET rs = 'R' ${OF_MESSAGE}`] },
      { what: 'marked for deletion', statements: [`UPDATE msgrcpt SET rs = 'D' ${OF_MESSAGE}`] },
      {
        what: 'purged',
        statements: [`DELETE FROM msgrcpt ${OF_MESSAGE}`, 'DELETE FROM msgs WHERE subject = ?'],
      },
    ])('is dropped if it was $what by another tool, and no empty digest is sent', async ({ statements }) => {
      await hold(world, ['alice@example.com', 'bob@example.com'], { subject: 'Away' })
      await hold(world, 'bob@example.com', { subject: 'Here' })
      expect(await run('--dry-run')).toMatchObject({ digests: 2, items: 3 })
      for (const statement of statements) await world.storage.query(statement, ['Away'])
      expect(await run()).toEqual({ digests: 1, items: 1, sent: 1, failed: 0 })
      expect(world.digests.mails.map(mail => mail.to)).toEqual([['bob@example.com']])
      expect(digestFor(world.digests.mails, 'bob@example.com').subjects).toEqual(['Here'])
    })

    test('waits while it is pending at another program', async () => {
      await hold(world, 'alice@example.com')
      expect(await run('--dry-run')).toMatchObject({ items: 1 })
      await world.storage.query("UPDATE msgrcpt SET rs = 'p'")
      expect(await run()).toMatchObject({ digests: 0, items: 0 })
      await world.storage.query("UPDATE msgrcpt SET rs = ' '")
      expect(await run()).toMatchObject({ digests: 1, items: 1, sent: 1 })
    })
  })

  test('any hostile subject is shown as one line of text', async () => {
    const [held] = await hold(world, 'alice@example.com', { subject: 'Replaced' })
    const subjects = [
      '\u{1F600}'.repeat(255),
      '{{handlebars}} <mj-raw>',
      '\u202Egnp.exe\r\nBcc: eve',
      '=?x?q?=00?=',
    ]
    for (const subject of subjects) await copyOf(world.storage, held, subject)
    expect(await run()).toMatchObject({ digests: 1, items: 5, sent: 1 })
    const [mail] = world.digests.mails
    expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(
      expect.arrayContaining(['{{handlebars}} <mj-raw>', 'gnp[.]exe Bcc: eve', '(no subject)']),
    )
    expect(mail?.parsed.html).not.toMatch(/\u202E|<mj-raw/)
    expect(mail?.raw.toString('latin1').split('\r\n\r\n')[0]).not.toMatch(/^Bcc:/m)
    expect(await heldRows(world.storage)).toHaveLength(5)
  })
})

const OF_MESSAGE = 'WHERE mail_id IN (SELECT mail_id FROM msgs WHERE subject = ?)'

let copies = 0

/** Stores a copy of a message with another subject, as amavisd would store a message with that header. */
async function copyOf(storage: Storage, held: HeldRow, subject: string): Promise<void> {
  copies += 1
  for (const [table, changes] of [
    ['msgs', { mail_id: `copy${copies}`, subject }],
    ['msgrcpt', { mail_id: `copy${copies}` }],
  ] as const) {
    const [row] = await storage.query(`SELECT * FROM ${table} WHERE mail_id = ?`, [held.mail_id])
    const copy = { ...row, ...changes }
    const names = Object.keys(copy)
    const insert = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
    await storage.query(insert, Object.values(copy))
  }
}
