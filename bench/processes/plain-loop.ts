import process from 'node:process'
import { createTransport } from 'nodemailer'
import { inParallel } from '../../src/ground/concurrency/in-parallel.ts'
import { sampleDigest } from '../sample-digest.ts'
import type { ProcessFigures } from './figures.ts'

// `plain-loop.ts PORT MAILS CONNECTIONS` sends ready mails as a plain program with nodemailer would: no database, no
// template, no links. They are as large as digests of five messages.
const [port = 0, mails = 0, connections = 1] = process.argv.slice(2).map(Number)
const { subject, html, text } = await sampleDigest(5)
const transporter = createTransport({
  host: '127.0.0.1',
  port,
  ignoreTLS: true,
  pool: true,
  maxConnections: connections,
  maxMessages: Number.POSITIVE_INFINITY,
})
const before = process.cpuUsage()
const start = performance.now()
const send = async (number: number) => {
  const [from, to] = ['Mail quarantine <quarantine@example.com>', `reader${number}@example.com`]
  await transporter.sendMail({ from, to, subject, html, text })
}
await inParallel(numbers(), 2 * connections, send, new AbortController().signal)
const total = performance.now() - start
const { user, system } = process.cpuUsage(before)
transporter.close()
const figures: ProcessFigures = {
  sent: mails,
  total,
  cpu: (user + system) / 1000,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)

async function* numbers(): AsyncGenerator<number> {
  for (let number = 0; number < mails; number += 1) yield number
}
