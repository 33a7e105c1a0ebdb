import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { createPool } from 'mysql2/promise'
import { SECOND } from '../../src/ground/durations.ts'

// `node insert-mail.ts URL RATE SECONDS`: writes held mails as amavisd does, RATE a second, through as many connections as
// amavisd has children by default or more, and prints how long each took.

const [url = '', rate = '200', seconds = '5'] = process.argv.slice(2)
const CHILDREN = 8
const TEXT = Buffer.alloc(2000, 'x')
const pool = createPool({ uri: url, connectionLimit: CHILDREN })
const took: number[] = []
const begun = performance.now()
let next = 0
await Promise.all(Array.from({ length: CHILDREN }, child))
await pool.end()
const sorted = took.toSorted((a, b) => a - b)
const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]
process.stdout.write(JSON.stringify({ mails: took.length, p50: at(0.5), p99: at(0.99) }))

/** Takes the next mail at its time; a mail that has to wait for a child is late, and that counts. */
async function child(): Promise<void> {
  for (;;) {
    const due = begun + (next * SECOND) / Number(rate)
    if (due > begun + Number(seconds) * SECOND) return
    next += 1
    await wait(Math.max(0, due - performance.now()))
    await insertMail()
    took.push(performance.now() - due)
  }
}

/** The statements and transactions of amavisd 2.13 for a message to one recipient. */
async function insertMail(): Promise<void> {
  const connection = await pool.getConnection()
  const mailId = crypto.randomUUID().replaceAll('-', '').slice(0, 12)
  const now = Math.floor(Date.now() / SECOND)
  try {
    const sid = await addressId(`news${now % 5000}@shop.example`)
    const rid = await addressId(`reader${1 + Math.floor(Math.random() * 2000)}@d1.example`)
    await connection.beginTransaction()
    await connection.query(
      `INSERT INTO msgs (partition_tag, mail_id, secret_id, am_id, time_num, time_iso, sid, policy, client_addr, size, host)
       VALUES (0, ?, 'secret', '1-1', ?, '20260101T000000Z', ?, '', '192.0.2.1', 4000, 'mx')`,
      [mailId, now, sid],
    )
    await connection.commit()
    await connection.beginTransaction()
    await connection.query(
      'INSERT INTO quarantine (partition_tag, mail_id, chunk_ind, mail_text) VALUES (0, ?, 1, ?)',
      [mailId, TEXT],
    )
    await connection.commit()
    await connection.beginTransaction()
    await connection.query(
      `INSERT INTO msgrcpt (partition_tag, mail_id, rseqnum, rid, is_local, content, ds, rs, bspam_level, smtp_resp)
       VALUES (0, ?, 1, ?, 'Y', 'S', 'D', ' ', 9, '250 2.7.0 Ok, discarded')`,
      [mailId, rid],
    )
    await connection.query(
      `UPDATE msgs SET content = 'S', quar_type = 'Q', quar_loc = ?, dsn_sent = ' ', spam_level = 9, message_id = ?,
         from_addr = 'news@shop.example', subject = 'Your order is waiting' WHERE partition_tag = 0 AND mail_id = ?`,
      [mailId, `<${mailId}@shop.example>`, mailId],
    )
    await connection.commit()
  } finally {
    connection.release()
  }

  async function addressId(email: string): Promise<number> {
    const find = 'SELECT id FROM maddr WHERE partition_tag = 0 AND email = ?'
    const [rows] = await connection.query(find, [email])
    const [found] = rows as { readonly id: number }[]
    if (found) return found.id
    await connection.query('INSERT IGNORE INTO maddr (partition_tag, email, domain) VALUES (0, ?, ?)', [
      email,
      'example.d1',
    ])
    return addressId(email)
  }
}
