import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { heldRow, hex } from '../servers/held-row.ts'
import { migrate } from '../servers/in-process.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import { createStorage } from '../servers/storage.ts'
import { digestFor } from './digest-mail.ts'
import { createProgram } from './program.ts'

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

test.each(KINDS)('in $name, octets that are no UTF-8 stop nobody’s digest', async ({ open, ...write }) => {
  const storage = stack.use(await open())
  await heldRow(storage, write, 1, 'alice@example.com', hex('Gr\xfcn', 'latin1'))
  await heldRow(storage, write, 2, 'bob@example.com', hex('Grüße 日本'))
  const program = stack.use(
    await createProgram({
      storage: { url: storage.url },
      smtp: { url: digests.url, from: 'Mail quarantine <quarantine@example.com>' },
    }),
  )
  await migrate(program.configFile)
  const { stdout } = await program.command('run', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ digests: 2, items: 2, sent: 2, failed: 0 })
  expect(digestFor(digests.mails, 'alice@example.com').subjects).toEqual(['Gr\uFFFDn'])
  expect(digestFor(digests.mails, 'bob@example.com').subjects).toEqual(['Grüße 日本'])
})
