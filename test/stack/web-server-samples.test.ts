import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SAMPLES } from '../../src/demo/samples/samples.ts'
import { createStorage } from '../../src/demo/storage/storage.ts'
import { migrate } from '../servers/in-process.ts'
import { startSmtpSink } from '../servers/smtp-sink.ts'
import { waitUntil } from '../servers/wait.ts'
import { startWebServer, type WebServer } from '../servers/web-server.ts'
import { tokenOf } from './follow.ts'
import { createProgram, type Program, PUBLIC_URL, type Service } from './program.ts'

const stack = new AsyncDisposableStack()
let program: Program
let service: Service
/** A link of each kind that the digest has, and others that a token is part of; without the host. */
let links: readonly string[]

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'web-server-samples-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const storage = join(folder, 'amavis.sqlite')
  createStorage(storage, SAMPLES, Date.now())
  const sink = stack.use(await startSmtpSink())
  program = stack.use(
    await createProgram({
      storage: { url: `sqlite://${storage}` },
      smtp: { url: sink.url, from: 'quarantine@example.com' },
      http: { trustProxy: ['127.0.0.1'] },
    }),
  )
  await migrate(program.configFile)
  await program.command('run', '--recipient', 'alice@example.com')
  service = stack.use(await program.serve())
  links = linksIn(sink.mails[0]?.parsed.html ?? '')
})
afterAll(() => stack.disposeAsync())

test('the digest has links of all kinds', () => {
  const kinds = new Set(links.map(link => link.split('/')[1]))
  expect([...kinds].toSorted()).toEqual(['digest', 'more', 'preferences', 'release'])
})

describe.each(['nginx', 'apache', 'caddy'] as const)('the sample for %s', kind => {
  let server: WebServer

  beforeAll(async () => {
    server = await startWebServer(kind, Number(new URL(program.url).port))
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  test('passes requests on, with the address of the client and of nobody else', async () => {
    const link = links.find(path => path.startsWith('/release/')) ?? ''
    const forged = { 'x-forwarded-for': '203.0.113.9' }
    const page = await ask(server, link, { headers: forged })
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<form') })
    await waitUntil('the log line', () => service.log().includes('"route":"/release/:token"'))
    expect(service.log()).toContain('"remoteAddress":"127.0.0.1"')
    expect(service.log()).not.toContain('203.0.113.9')
  })

  test('logs no token, whatever is asked, on either port, and also while the service is away', async () => {
    const asked = [...links, ...oneOfEachKind(links).flatMap(odd)]
    for (const path of asked) {
      await ask(server, path, { headers: { referer: `https://localhost${path}` } })
      await ask(server, path, { method: 'POST', plain: true })
    }
    const away = await startWebServer(kind, 9)
    await using _ = away
    for (const path of links) expect(await ask(away, path)).toMatchObject({ status: expect.any(Number) })
    const { line, answered, failed, isPlainLogged } = LOGGED[kind]
    const linesOf = (one: WebServer) => one.log().match(line) ?? []
    await waitUntil('the last line', () => linesOf(away).length >= links.length)
    await waitUntil('the last line', () => linesOf(server).length >= (isPlainLogged ? 2 : 1) * asked.length)
    for (const path of links) {
      for (const written of [server.log(), away.log()]) expect(written).not.toContain(signatureOf(path))
    }
    expect(server.log()).toMatch(answered)
    expect(away.log()).toMatch(failed)
  })

  test.each(['/metrics', '/readyz', '//metrics', '/metrics/', '/METRICS', '/%6detrics?x', '/./readyz'])(
    'keeps %s from outside',
    async path => {
      expect(await ask(server, path)).toMatchObject({ status: 403 })
    },
  )

  test('lets the rest of the paths through as they were written', async () => {
    expect(await ask(server, '/healthz')).toMatchObject({ status: 200 })
    expect(await ask(server, '/metricsandmore')).toMatchObject({ status: 404 })
    expect(await ask(server, '/api/v1/recipients/a%2Fb%40example.com')).toMatchObject({ status: 401 })
  })

  test('sends whoever comes without TLS to the same page with TLS', async () => {
    const [link = ''] = links
    expect(await ask(server, link, { plain: true })).toMatchObject({
      status: kind === 'caddy' ? 308 : 301,
      // Caddy takes it for granted that the port is 443.
      location: `https://localhost${kind === 'caddy' ? '' : `:${server.https}`}${link}`,
    })
    if (kind === 'caddy') return
    expect(await ask(server, '/.well-known/acme-challenge/x', { plain: true })).toMatchObject({ status: 404 })
  })
})

/** The links of a digest, without the public URL. */
const linksIn = (html: string): string[] => [
  ...new Set(
    [...html.matchAll(new RegExp(`${PUBLIC_URL}(/[a-z]+/[\\w.-]+)`, 'g'))].map(([, path = '']) => path),
  ),
]

const oneOfEachKind = (all: readonly string[]): readonly string[] => [
  ...new Map(all.map(link => [link.split('/')[1], link])).values(),
]

/** The same token elsewhere: in the other paths that have one, mangled, encoded, in a query, alone. */
const odd = (link: string): string[] => {
  const token = tokenOf(link)
  return [
    `/destination/${token}`,
    `/admin/sign-in/${token}`,
    `//release/${token}`,
    `/release//${token}`,
    `/release%2F${token}`,
    `/%72elease/${token}/`,
    `/x?${token}`,
    `/${token}`,
    `/metrics/${token}`,
  ]
}

/** The end of a token, without which it is worth nothing. */
const signatureOf = (link: string): string => tokenOf(link).slice(-43)

const COMMON_LOG = {
  line: /^127\.0\.0\.1 - - .*$/gm,
  answered: /"GET \/release HTTP\/1\.1" 200/,
  failed: /"GET \/release HTTP\/1\.1" 50[23]/,
  isPlainLogged: true,
}

/** How each of them logs a request. */
const LOGGED = {
  nginx: COMMON_LOG,
  apache: COMMON_LOG,
  caddy: {
    line: /^.*"msg":"handled request".*$/gm,
    answered: /"uri":"\/release".*"status":200/,
    failed: /"uri":"\/release".*"status":50[23]/,
    isPlainLogged: false,
  },
}

interface Asked {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly plain?: boolean
}

async function ask(
  server: WebServer,
  path: string,
  { method = 'GET', headers = {}, plain = false }: Asked = {},
) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const common = { host: 'localhost', path, method, headers, agent: false }
  const request = plain
    ? httpRequest({ ...common, port: server.http }, resolve)
    : httpsRequest({ ...common, port: server.https, ca: readFileSync(server.authority) }, resolve)
  request.on('error', reject).end()
  const response = await promise
  return { status: response.statusCode, location: response.headers.location, body: await text(response) }
}
