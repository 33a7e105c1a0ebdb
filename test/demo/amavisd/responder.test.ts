import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAmPdpResponder } from '../../../src/demo/amavisd/responder.ts'
import { createMailboxes } from '../../../src/demo/inbox/mailboxes.ts'
import { newMailId } from '../../../src/demo/mail/mail-id.ts'
import { SAMPLES } from '../../../src/demo/samples/samples.ts'
import { startSmtpCatcher } from '../../../src/demo/smtp-catcher.ts'
import { createStorage } from '../../../src/demo/storage/storage.ts'
import { createAmPdpTransport } from '../../../src/ground/amavisd/am-pdp/am-pdp-transport.ts'

const mailboxes = createMailboxes()
const stack = new AsyncDisposableStack()
let database: DatabaseSync
let port: number
let storageFile: string

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-responder-'))
  stack.defer(() => rmSync(folder, { recursive: true }))
  storageFile = join(folder, 'amavis.sqlite')
  createStorage(storageFile, SAMPLES, Date.now())
  database = new DatabaseSync(storageFile, { readOnly: true })
  stack.defer(() => database.close())
  const catcher = stack.use(await startSmtpCatcher(mailboxes.receive))
  port = stack.use(await startAmPdpResponder(storageFile, catcher.port)).port
})

afterAll(() => stack.disposeAsync())

test('a released message arrives once, unchanged below the fields that say who asked for it', async () => {
  const mail = find('%Sports day%')
  const reply = await ask(release(mail, 'alice@example.com'))
  expect(reply).toMatch(/^setreply=250 2\.6\.0 from%20MTA\(smtp:\[127\.0\.0\.1\]:\d+\):%20250.*\r\n\r\n$/)
  const [released, ...more] = received('alice@example.com', 'Sports day')
  expect(more).toEqual([])
  expect(released?.released).toBe(true)
  expect(released?.sender).toBe('bounce-4711@lists.riverside-primary.example')
  const source = released?.raw.toString() ?? ''
  expect(source).toMatch(
    /^Resent-From: <alice@example\.com>\r\nResent-Sender: .*\r\nResent-To: <alice@example\.com>\r\nResent-Date: /,
  )
  expect(source).not.toMatch(/^X-(Envelope|Quarantine|Spam)/m)
  expect(source).toContain('\r\nFrom: "Riverside Primary School"')
})

test('only the recipient who is named gets the message', async () => {
  await ask(release(find('%mackerel%'), 'bob@example.com'))
  expect(received('bob@example.com', 'catch')).toHaveLength(1)
  expect(received('alice@example.com', 'catch')).toHaveLength(0)
})

test('if no recipient is named, everybody it was held for gets the message', async () => {
  const reply = await ask(release(find('%visitor%')))
  expect(reply.match(/setreply=250/g)).toHaveLength(1)
  expect(received('alice@example.com', 'visitor')).toHaveLength(1)
})

test('unusual addresses reach the envelope unchanged', async () => {
  const mail = find('%driver%')
  for (const recipient of ["o'neil@example.com", 'müller@example.com', '"odd,address"@example.com']) {
    expect(await ask(release(mail, recipient))).toMatch(/^setreply=250 /)
  }
  const boxes = mailboxes
    .list()
    .filter(found => found.subject.includes('driver'))
    .map(found => found.to)
  expect(boxes).toEqual(expect.arrayContaining(["o'neil@example.com", 'müller@example.com']))
  expect(boxes.some(box => box.includes('odd,address'))).toBe(true)
})

test('a bounce keeps its empty envelope sender', async () => {
  await ask(release(find('%returned to sender%'), 'alice@example.com'))
  expect(received('alice@example.com', 'returned')[0]?.sender).toBe('')
})

test('a message of several megabytes arrives complete', async () => {
  const mail = find('%holiday film%')
  await ask(release(mail, 'alice@example.com'))
  expect(received('alice@example.com', 'holiday film')[0]?.raw.length).toBeGreaterThan(Number(mail.size))
})

test('one connection can make two requests', async () => {
  const twice = release(find('%tickets%'), "o'neil@example.com").repeat(2)
  expect((await ask(twice)).match(/setreply=250/g)).toHaveLength(2)
})

const FAILED = (reason: RegExp) =>
  new RegExp(
    `^setreply=450 4\\.5\\.0 Failure:%20${reason.source}.*\\r\\nreturn_value=tempfail\\r\\nexit_code=75\\r\\n\\r\\n$`,
  )

test('a wrong secret is refused', async () => {
  const reply = await ask(
    release({ ...find('%golden%'), secret_id: newMailId().secretId }, 'alice@example.com'),
  )
  expect(reply).toMatch(FAILED(/Secret_id%20.{12}%20does%20not%20match%20mail_id%20/))
  expect(received('alice@example.com', 'golden')).toEqual([])
})

test('a missing secret, an unknown message and the wrong partition are refused', async () => {
  const mail = find('%golden%')
  const { mailId, secretId } = newMailId()
  expect(await ask(release({ ...mail, secret_id: '' }))).toMatch(FAILED(/Secret_id%20is%20required/))
  expect(await ask(release({ ...mail, mail_id: mailId, secret_id: secretId }))).toMatch(
    FAILED(/Can't%20open%20sql/),
  )
  expect(await ask(release({ ...mail, partition_tag: 99 }))).toMatch(FAILED(/Can't%20open%20sql/))
  expect(received('alice@example.com', 'golden')).toEqual([])
})

test('anything but a release request is refused', async () => {
  expect(await ask('\r\n')).toMatch(FAILED(/Missing%20'request'/))
  expect(await ask('request=AM.PDP\r\n\r\n')).toMatch(FAILED(/unknown%20'request'/))
  expect(await ask('request=release\r\nmail_id=../etc/passwd\r\n\r\n')).toMatch(FAILED(/Invalid%20mail_id/))
})

test("the program's own transport understands the answers", async () => {
  const transport = createAmPdpTransport({ via: { host: '127.0.0.1', port }, timeout: 5000, connections: 2 })
  const mail = find('%job%')
  const request = {
    mailId: String(mail.mail_id),
    secretId: String(mail.secret_id),
    partitionTag: Number(mail.partition_tag),
    host: 'demo.example.com',
    quarantineType: 'Q',
    quarantineLocation: null,
    recipient: 'alice@example.com',
    requestedBy: 'alice@example.com',
  }
  const outcome = async (changes: object) => (await transport.release({ ...request, ...changes })).outcome
  expect(await outcome({})).toBe('released')
  expect(await outcome({ secretId: newMailId().secretId })).toBe('refused')
  expect(await outcome(newMailId())).toBe('gone')
  expect(received('alice@example.com', 'offer you the job')).toHaveLength(1)
})

test('an unreachable MTA is reported', async () => {
  const gone = await startSmtpCatcher(mailboxes.receive)
  await gone[Symbol.asyncDispose]()
  await using responder = await startAmPdpResponder(storageFile, gone.port)
  expect(await ask(release(find('%golden%'), 'alice@example.com'), responder.port)).toMatch(
    /^setreply=451 4\.5\.0 /,
  )
})

interface Row {
  readonly [column: string]: unknown
}

function find(subject: string): Row {
  const row = database.prepare('SELECT * FROM msgs WHERE subject LIKE ?').get(subject)
  if (!row) throw new Error(`no sample ${subject}`)
  return row
}

const release = (mail: Row, recipient?: string): string =>
  [
    'request=release',
    `mail_id=${mail.mail_id}`,
    `secret_id=${mail.secret_id}`,
    'quar_type=Q',
    `partition_tag=${mail.partition_tag}`,
    'requested_by=<alice@example.com>',
    ...(recipient === undefined ? [] : [`recipient=<${encodeURI(recipient)}>`]),
    '',
    '',
  ].join('\r\n')

function ask(request: string, to = port): Promise<string> {
  const socket = connect(to, '127.0.0.1')
  socket.end(request)
  return text(socket)
}

const received = (to: string, subject: string) =>
  mailboxes.list().filter(mail => mail.to === to && mail.subject.includes(subject))
