import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mailIdOf } from '../../../src/demo/mail/mail-id.ts'
import { SAMPLES } from '../../../src/demo/samples/samples.ts'
import { createStorage } from '../../../src/demo/storage/storage.ts'
import { HOUR } from '../../../src/ground/durations.ts'
import { divideMessage } from '../../../src/ground/message/head/amavis-head.ts'

const NOW = Date.UTC(2026, 1, 3, 12)
const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-storage-'))
let database: DatabaseSync

beforeAll(() => {
  createStorage(join(folder, 'amavis.sqlite'), SAMPLES, NOW)
  database = new DatabaseSync(join(folder, 'amavis.sqlite'), { readOnly: true })
})

afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

const query = (sql: string) => database.prepare(sql).all()

test('every sample has its row, its recipients and its text', () => {
  expect(query('SELECT * FROM msgs')).toHaveLength(SAMPLES.length)
  expect(query('SELECT DISTINCT mail_id FROM quarantine')).toHaveLength(SAMPLES.length)
  expect(query('SELECT * FROM msgs WHERE content IS NOT NULL')).toHaveLength(SAMPLES.length - 1)
  expect(query(`SELECT * FROM msgrcpt WHERE ds = 'P' OR rs = 'R'`)).toHaveLength(2)
})

test('each secret matches its id', () => {
  for (const row of query('SELECT mail_id, secret_id FROM msgs')) {
    expect(mailIdOf(String(row.secret_id))).toBe(row.mail_id)
  }
})

test('both time columns agree, and lie within the 20 hours before', () => {
  for (const row of query('SELECT time_num, time_iso FROM msgs')) {
    const time = Number(row.time_num) * 1000
    expect(new Date(time).toISOString().replace(/[-:]|\.000/g, '')).toBe(row.time_iso)
    expect(time).toBeLessThan(NOW)
    expect(time).toBeGreaterThan(NOW - 20 * HOUR)
  }
})

test('a text is split into chunks of 16384 octets, of which only the last may be shorter', () => {
  const chunks = query(
    'SELECT mail_id, chunk_ind, length(mail_text) AS octets FROM quarantine ORDER BY mail_id, chunk_ind',
  )
  for (const [index, chunk] of chunks.entries()) {
    const last = chunks[index + 1]?.mail_id !== chunk.mail_id
    expect(last ? Number(chunk.octets) <= 16_384 : chunk.octets === 16_384).toBe(true)
  }
  expect(chunks.length).toBeGreaterThan(500)
})

test('the quarantined text agrees with the rows', async () => {
  const rows = query(`
    SELECT m.mail_id, m.partition_tag, m.message_id, s.email AS sender, group_concat(r.email) AS recipients
    FROM msgs m JOIN maddr s ON s.id = m.sid JOIN msgrcpt v USING (partition_tag, mail_id) JOIN maddr r ON r.id = v.rid
    GROUP BY m.partition_tag, m.mail_id`)
  const chunks = database.prepare(
    'SELECT mail_text FROM quarantine WHERE partition_tag = ? AND mail_id = ? ORDER BY chunk_ind',
  )
  for (const row of rows) {
    const stored = chunks.all(Number(row.partition_tag), String(row.mail_id))
    const mail = await PostalMime.parse(Buffer.concat(stored.map(chunk => chunk.mail_text as Uint8Array)))
    const field = (name: string) => mail.headers.find(header => header.key === name)?.value
    expect(field('x-quarantine-id')).toBe(`<${row.mail_id}>`)
    expect(field('x-envelope-from')).toBe(`<${row.sender}>`)
    expect(field('x-envelope-to')?.split(/,\s*/).sort()).toEqual(
      String(row.recipients)
        .split(',')
        .map(recipient => `<${recipient}>`)
        .sort(),
    )
    expect(mail.messageId).toBe(row.message_id)
  }
})

test('the head of each text is one that the program believes, with rules that make up the score', () => {
  const rows = query(`
    SELECT m.mail_id, m.content, m.spam_level, q.mail_text FROM msgs m JOIN quarantine q USING (partition_tag, mail_id)
    WHERE q.chunk_ind = 1 AND m.content IS NOT NULL`)
  expect(rows).toHaveLength(SAMPLES.length - 1)
  for (const { mail_id, content, spam_level, mail_text } of rows) {
    const { messageAt, findings } = divideMessage(mail_text as Uint8Array, String(mail_id))
    expect(findings?.alerts.map(alert => alert.split(',')[0])).toEqual(ALERTS[String(content)] ?? [])
    const points = findings?.rules.reduce((sum, rule) => sum + rule.points, 0)
    expect(points).toBeCloseTo(Number(spam_level))
    const message = Buffer.from(mail_text as Uint8Array)
      .subarray(messageAt)
      .toString('latin1')
    expect(message).toMatch(/^Received: from .*\n by mx\.example\.com \(Postfix\)/)
  }
})

const ALERTS: Readonly<Record<string, string[]>> = {
  B: ['BANNED'],
  V: ['INFECTED'],
  H: ['BAD HEADER SECTION'],
  M: ['BAD HEADER SECTION'],
}

test('an address has one row for each partition tag, with its domain reversed', () => {
  const rows = query(`SELECT partition_tag, domain FROM maddr WHERE email = 'alice@example.com'`)
  expect(new Set(rows.map(row => row.domain))).toEqual(new Set(['com.example']))
  expect(rows).toHaveLength(2)
  expect(query(`SELECT * FROM maddr WHERE email = ''`)).toHaveLength(1)
})
