import { createServer, type Server, type ServerResponse } from 'node:http'
import { LIVE } from './live.ts'
import type { Mailboxes, ReceivedMail } from './mailboxes.ts'
import { listPage, type MailView, mailPage, notFoundPage } from './pages.ts'
import { STYLE } from './style.ts'

/**
 * The inbox as web pages and as JSON, on 127.0.0.1.
 * @param port if it is taken, a free one is used
 */
export async function startInbox(
  mailboxes: Mailboxes,
  port: number,
): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' || request.method === 'HEAD'
    send(response, found ? answer(mailboxes, request.url ?? '/') : METHOD_UNKNOWN)
  })
  await listen(server, port).catch(() => listen(server, 0))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly policy?: string
}

function answer(mailboxes: Mailboxes, target: string): Answer {
  const url = URL.parse(target, 'http://127.0.0.1')
  switch (url?.pathname) {
    case undefined:
      return NOT_FOUND
    case '/':
      return page(listPage(mailboxes.list(), url?.searchParams.get('mailbox') ?? undefined, Date.now()))
    case '/inbox.css':
      return { status: 200, type: 'text/css', body: STYLE }
    case '/inbox.js':
      return { status: 200, type: 'text/javascript', body: LIVE }
    case '/api/mails':
      return json(mailboxes.list().map(summaryOf))
    default:
      return mailAnswer(mailboxes, url?.pathname ?? '')
  }
}

function mailAnswer(mailboxes: Mailboxes, path: string): Answer {
  const [, api, id, part] = /^(\/api)?\/mails\/(\d+)(?:\/(html|text|source|body))?$/.exec(path) ?? []
  const mail = mailboxes.find(Number(id))
  if (!mail) return NOT_FOUND
  if (api) return json({ ...summaryOf(mail), html: mail.html, text: mail.text, raw: mail.raw.toString() })
  if (part === 'body') return mailBody(mail)
  return page(mailPage(mail, viewOf(mail, part), mailboxes.list()[0]?.id ?? 0))
}

/** The HTML part for the frame. It runs no script and loads nothing remote, and its links open new tabs. */
function mailBody(mail: ReceivedMail): Answer {
  const base = '<base target="_blank">'
  const source = mail.html ?? ''
  const body = /<head\b[^>]*>/i.test(source)
    ? source.replace(/<head\b[^>]*>/i, head => head + base)
    : base + source
  return { status: 200, type: 'text/html', body, policy: BODY_POLICY }
}

function viewOf(mail: ReceivedMail, wanted: string | undefined): MailView {
  if (wanted === 'source') return 'source'
  if (wanted === 'text' && mail.text !== undefined) return 'text'
  if (mail.html !== undefined) return 'html'
  return mail.text === undefined ? 'source' : 'text'
}

const summaryOf = ({
  id,
  to,
  sender,
  from,
  subject,
  messageId,
  receivedAt,
  released,
  attachments,
  raw,
}: ReceivedMail) => ({
  id,
  to,
  sender,
  from,
  subject,
  messageId,
  receivedAt,
  released,
  attachments,
  size: raw.length,
})

function send(response: ServerResponse, { status, type, body, policy }: Answer): void {
  response
    .writeHead(status, {
      'Content-Type': `${type}; charset=utf-8`,
      'Content-Security-Policy': policy ?? PAGE_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    })
    .end(body)
}

const page = (body: string): Answer => ({ status: 200, type: 'text/html', body })

const json = (value: unknown): Answer => ({
  status: 200,
  type: 'application/json',
  body: `${JSON.stringify(value, null, 2)}\n`,
})

const NOT_FOUND: Answer = { status: 404, type: 'text/html', body: notFoundPage() }

const METHOD_UNKNOWN: Answer = { status: 405, type: 'text/plain', body: 'GET or HEAD\n' }

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const BODY_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
