import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMailboxes } from '../../../src/demo/inbox/mailboxes.ts'
import { startInbox } from '../../../src/demo/inbox/server.ts'

const mailboxes = createMailboxes()
let inbox: Awaited<ReturnType<typeof startInbox>>

const HOSTILE = `<script>alert('x')</script>"><img src=x onerror=alert(1)>`

beforeAll(async () => {
  inbox = await startInbox(mailboxes, 0)
  await receive(
    'alice@example.com',
    [`From: ${JSON.stringify(HOSTILE)} <a@example.org>`, `Subject: ${HOSTILE} \u202eevil`],
    HOSTILE,
  )
  await receive(
    'bob@example.com',
    ['Resent-From: <bob@example.com>', 'From: c@example.org', 'Subject: Freed'],
    'Hello Bob',
  )
  await receive(
    'alice@example.com',
    ['From: d@example.org', 'Subject: With links', 'Content-Type: text/html'],
    '<html><head><title>t</title></head><body><a href="https://example.com/">link</a><script>alert(1)</script></body></html>',
  )
})

afterAll(() => inbox[Symbol.asyncDispose]())

test('the list shows every mailbox, newest mail first', async () => {
  const { body } = await get('/')
  expect(body.indexOf('With links')).toBeLessThan(body.indexOf('Freed'))
  expect(body).toContain('/?mailbox=alice%40example.com')
  expect(body).toContain('/?mailbox=bob%40example.com')
})

test('one mailbox can be shown by itself', async () => {
  const { body } = await get('/?mailbox=bob%40example.com')
  expect(body).toContain('Freed')
  expect(body).not.toContain('With links')
})

test('a mail that has just been released is marked, in the list and on its own page', async () => {
  expect((await get('/?mailbox=bob%40example.com')).body).toContain('Just arrived')
  expect((await get('/mails/2')).body).toContain('Released')
  expect((await get('/?mailbox=alice%40example.com')).body).not.toContain('Just arrived')
})

test.each(['/', '/mails/1', '/mails/1/text', '/mails/1/source', `/?mailbox=${encodeURIComponent(HOSTILE)}`])(
  'nothing of a hostile mail becomes markup on %s',
  async path => {
    const { body } = await get(path)
    expect(body).not.toMatch(/<script>|<img|\u202e/)
    if (path !== `/?mailbox=${encodeURIComponent(HOSTILE)}`) expect(body).toContain('&#60;script&#62;')
  },
)

test('a header in Latin-1 is read as mail programs do', async () => {
  const latin = createMailboxes()
  const raw = Buffer.from('Subject: Tenöre heiser\r\n\r\nGrüße\r\n', 'latin1')
  await latin.receive({ sender: '', recipients: ['alice@example.com'] }, raw, Date.now())
  expect(latin.list()[0]?.subject).toBe('Tenöre heiser')
})

test('an HTML part is shown in a frame without scripts, and its links open new tabs', async () => {
  const page = await get('/mails/3')
  expect(page.body).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"')
  const frame = await get('/mails/3/body')
  expect(frame.body).toContain('<head><base target="_blank">')
  expect(frame.policy).toMatch(/^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'/)
})

test('pages run only their own script', async () => {
  expect((await get('/')).policy).toContain("default-src 'none'; style-src 'self'; script-src 'self'")
})

test('the list and each mail are available as JSON', async () => {
  const list = JSON.parse((await get('/api/mails')).body)
  expect(list.map((mail: { id: number }) => mail.id)).toEqual([3, 2, 1])
  expect(list[1]).toMatchObject({
    to: 'bob@example.com',
    subject: 'Freed',
    released: true,
    receivedAt: expect.any(Number),
  })
  const mail = JSON.parse((await get('/api/mails/2')).body)
  expect(mail).toMatchObject({
    id: 2,
    text: expect.stringContaining('Hello Bob'),
    raw: expect.stringContaining('Resent-From'),
  })
})

test.each(['/mails/99', '/mails/x', '/nowhere', '//', '/api/mails/99'])('%s is not found', async path => {
  expect((await get(path)).status).toBe(404)
})

test('only reading is allowed', async () => {
  expect((await fetch(inbox.url, { method: 'POST' })).status).toBe(405)
})

test('a port that is taken is replaced by a free one', async () => {
  const other = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await using second = await startInbox(mailboxes, port)
  expect(new URL(second.url).port).not.toBe(String(port))
  expect((await fetch(second.url)).status).toBe(200)
  await new Promise(resolve => other.close(resolve))
})

const receive = (to: string, header: string[], body: string) =>
  mailboxes.receive(
    { sender: 'sender@example.org', recipients: [to] },
    Buffer.from(`${header.join('\r\n')}\r\n\r\n${body}\r\n`),
    Date.now(),
  )

async function get(path: string) {
  const answer = await fetch(new URL(inbox.url).origin + path)
  return {
    status: answer.status,
    policy: answer.headers.get('content-security-policy') ?? '',
    body: await answer.text(),
  }
}
