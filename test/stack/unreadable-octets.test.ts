import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import { createStorage, type Storage } from '../servers/storage.ts'
import { digestFor } from './digest-mail.ts'
import { createProgram } from './program.ts'
import { runJson } from './world.ts'

let stack: AsyncDisposableStack
let digests: SmtpSink
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  digests = stack.use(await startSmtpSink())
})
afterEach(() => stack.disposeAsync())

const KINDS = [
  {
    name: 'a PostgreSQL in SQL_ASCII',
    open: () => createPostgresStorage(inject('postgres'), { encoding: 'SQL_ASCII' }),
    octets: (hex: string) => `decode('${hex}', 'hex')`,
    // Not checked, as from a client whose encoding is SQL_ASCII too.
    text: (hex: string) => `convert_from(decode('${hex}', 'hex'), 'SQL_ASCII')`,
  },
  {
    name: 'a MariaDB whose columns are octets',
    open: async () => {
      const storage = await createStorage(inject('mariaDb'))
      for (const column of ['subject', 'from_addr', 'message_id'])
        await storage.query(`ALTER TABLE msgs MODIFY ${column} varbinary(255)`)
      return storage
    },
    octets: (hex: string) => `x'${hex}'`,
    text: (hex: string) => `x'${hex}'`,
  },
]

const hex = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('hex')

test.each(KINDS)('in $name, octets that are no UTF-8 stop nobody’s digest', async ({ open, ...write }) => {
  const storage = stack.use(await open())
  await holdRow(storage, write, 1, 'alice@example.com', hex('Gr\xfcn', 'latin1'))
  await holdRow(storage, write, 2, 'bob@example.com', hex('Grüße 日本'))
  const program = stack.use(
    await createProgram({
      storage: { url: storage.url },
      smtp: { url: digests.url, from: 'Mail quarantine <quarantine@example.com>' },
    }),
  )
  expect(await program.command('migrate')).toMatchObject({ status: 0 })
  expect(await runJson(program)).toEqual({ digests: 2, items: 2, sent: 2, failed: 0 })
  expect(digestFor(digests.mails, 'alice@example.com').subjects).toEqual(['Gr\uFFFDn'])
  expect(digestFor(digests.mails, 'bob@example.com').subjects).toEqual(['Grüße 日本'])
})

type Write = Pick<(typeof KINDS)[number], 'octets' | 'text'>

/** Stores one message that is held for one recipient. @param subject its octets in hexadecimal digits */
async function holdRow(storage: Storage, { octets, text }: Write, id: number, to: string, subject: string) {
  const time = Math.floor(Date.now() / 1000) - 60
  const mailId = octets(hex(`mailid00000${id}`))
  await storage.query(
    `INSERT INTO maddr (id, email, domain) VALUES (${2 * id}, ${octets(hex(to))}, 'com.example'),
      (${2 * id + 1}, ${octets(hex(`sender${id}@example.net`))}, 'net.example')`,
  )
  await storage.query(
    `INSERT INTO msgs (mail_id, secret_id, am_id, time_num, time_iso, sid, client_addr, size, content, quar_type,
       from_addr, subject, message_id, host, spam_level)
     VALUES (${mailId}, ${octets(hex('secret'))}, '1', ${time}, '20260301T100000Z', ${2 * id + 1}, '', 4096, 'S', 'Q',
       ${text(subject)}, ${text(subject)}, ${text(subject)}, 'mx', 10)`,
  )
  await storage.query(
    `INSERT INTO msgrcpt (mail_id, rseqnum, rid, is_local, content, ds, rs, bspam_level)
     VALUES (${mailId}, 1, ${2 * id}, 'Y', 'S', 'D', ' ', 10)`,
  )
}
