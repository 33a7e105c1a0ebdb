import process from 'node:process'
import { createTransport } from 'nodemailer'
import MailComposer from 'nodemailer/lib/mail-composer'
import { inParallel } from '../../src/ground/concurrency/in-parallel.ts'
import { createSmtpPool } from '../../src/ground/mail/smtp-pool.ts'
import { openSession } from '../../src/ground/mail/smtp-session.ts'
import { sampleDigest } from '../sample-digest.ts'
import type { ProcessFigures } from './figures.ts'

// `ready-mails.ts PORT MAILS CONNECTIONS ours|raw` sends one and the same message, ready as octets, to many readers:
// through the program's connections, or through nodemailer's pool by `raw`.
const [port = 0, mails = 0, connections = 1] = process.argv.slice(2).map(Number)
const { subject, html, text } = await sampleDigest(5)
const from = 'quarantine@example.com'
const message = await new MailComposer({ from, to: 'reader@example.com', subject, html, text })
  .compile()
  .build()
const octets = message.toString('latin1')
const server = { host: '127.0.0.1', port, secure: false, ignoreTLS: true }
const way = process.argv[5] === 'raw' ? byRaw() : byOurs()
const before = process.cpuUsage()
const start = performance.now()
await inParallel(readers(), 2 * connections, way.send, new AbortController().signal)
const total = performance.now() - start
const { user, system } = process.cpuUsage(before)
await way.close()
const figures: ProcessFigures = { sent: mails, total, cpu: (user + system) / 1000 }
process.stdout.write(`${JSON.stringify(figures)}\n`)

function byOurs() {
  const open = () => openSession(server)
  const clock = () => performance.now()
  const pool = createSmtpPool({ open, most: connections, rate: undefined, onFewer: () => {}, clock })
  return {
    send: async (to: string) => void (await pool.use(session => session.send(from, to, octets))),
    close: () => pool[Symbol.asyncDispose](),
  }
}

function byRaw() {
  const maxMessages = Number.POSITIVE_INFINITY
  const pool = createTransport({ ...server, pool: true, maxConnections: connections, maxMessages })
  return {
    send: async (to: string) => void (await pool.sendMail({ envelope: { from, to: [to] }, raw: message })),
    close: async () => pool.close(),
  }
}

async function* readers(): AsyncGenerator<string> {
  for (let number = 0; number < mails; number += 1) yield `reader${number}@example.com`
}
