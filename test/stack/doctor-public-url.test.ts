import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStorage } from '../../src/demo/storage/storage.ts'
import { DAY } from '../../src/ground/durations.ts'
import { askInstance } from '../../src/ground/links/instance.ts'
import { rotateKeyFile } from '../../src/ground/links/key-file.ts'
import { openKeyRing } from '../../src/ground/links/key-ring.ts'
import { visitByHttp } from '../../src/ground/network/visit-by-http.ts'
import { type PublicUrlDeps, publicUrlChecks } from '../../src/work/doctor/public-url/public-url-checks.ts'
import { runChecks } from '../../src/work/doctor/run-checks.ts'
import { type Certificates, makeCertificates } from '../servers/certificates.ts'
import { migrate } from '../servers/in-process.ts'
import { startNginx } from '../servers/nginx.ts'
import { freePort } from '../servers/ports.ts'
import { privateDir } from '../servers/private-dir.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { createProgram, type Program } from './program.ts'

const stack = new AsyncDisposableStack()
let program: Program
let certificates: Certificates
const standardAuthorities = getCACertificates('default')

/** A port for each way in which a proxy can be set up. */
const ports = new Map<string, number>()
const portOf = (name: string): number => ports.get(name) ?? 0

beforeAll(async () => {
  certificates = stack.use(makeCertificates('www-data'))
  setDefaultCACertificates([...standardAuthorities, readFileSync(certificates.authority, 'utf8')])
  stack.defer(() => setDefaultCACertificates(standardAuthorities))
  const dir = privateDir('doctor-public-url', 'www-data')
  stack.defer(() => dir.remove())
  const storage = join(dir.path, 'amavis.sqlite')
  createStorage(storage, [], Date.now())
  program = stack.use(
    await createProgram({ storage: { url: `sqlite://${storage}` }, http: { trustProxy: ['127.0.0.1'] } }),
  )
  await migrate(program.configFile)
  stack.use(await program.serve({ ready: false }))
  for (const name of PROXIES) ports.set(name, await freePort())
  stack.use(await startNginx(proxies(dir.path), [...ports.values()]))
})
afterAll(() => stack.disposeAsync())

const PROXIES = [
  'good',
  'selfSigned',
  'expired',
  'stripping',
  'adding',
  'unforwarded',
  'passingOn',
  'anything',
  'dead',
  'loop',
  'moved',
  'plain',
] as const

/** Tells the client's address as 127.0.0.2, because the proxy and the test are one machine. */
const FORWARD = 'proxy_set_header X-Forwarded-For 127.0.0.2;'

function proxies(folder: string): string {
  const pass = `proxy_pass ${program.url};`
  const tls = (certificate = certificates.certificate, key = certificates.key) =>
    `ssl_certificate ${certificate}; ssl_certificate_key ${key};`
  const [own, old] = [selfSigned(folder, 'own'), expired(folder)]
  const server = (name: string, certificate: string, location: string) =>
    `server { listen 127.0.0.1:${portOf(name)}${certificate === '' ? '' : ' ssl'}; ${certificate} location / { ${location} } }`
  return [
    server('good', tls(), `${pass} ${FORWARD}`),
    server('selfSigned', tls(own.certificate, own.key), `${pass} ${FORWARD}`),
    server('expired', tls(old.certificate, old.key), `${pass} ${FORWARD}`),
    server('stripping', tls(), `${pass} ${FORWARD} proxy_hide_header Content-Security-Policy;`),
    server('adding', tls(), `${pass} ${FORWARD} add_header Content-Security-Policy "script-src 'none'";`),
    server('unforwarded', tls(), `${pass} proxy_set_header X-Forwarded-For "";`),
    server('passingOn', tls(), pass),
    server('anything', tls(), 'return 200 "Welcome";'),
    server('dead', tls(), 'proxy_pass http://127.0.0.1:9;'),
    server('loop', tls(), 'return 301 https://localhost:$server_port$request_uri;'),
    server('moved', tls(), `return 301 https://localhost:${portOf('good')}$request_uri;`),
    server('plain', '', `${pass} ${FORWARD}`),
  ].join('\n')
}

interface Pair {
  readonly certificate: string
  readonly key: string
}

function selfSigned(folder: string, name: string): Pair {
  const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '30']
  execFileSync('openssl', ['req', '-x509', ...made, '-subj', '/CN=localhost', ...NAME], { stdio: 'pipe' })
  return { certificate, key }
}

const NAME = ['-addext', 'subjectAltName=DNS:localhost']

/** It was valid for a day, years ago. */
function expired(folder: string): Pair {
  const { key } = selfSigned(folder, 'old')
  const certificate = join(folder, 'expired.pem')
  const request = join(folder, 'expired.csr')
  execFileSync('openssl', ['req', '-new', '-key', key, '-out', request, '-subj', '/CN=localhost', ...NAME], {
    stdio: 'pipe',
  })
  const config = join(folder, 'ca.conf')
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(
    config,
    `[ca]
default_ca = d
[d]
database = ${folder}/index.txt
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
policy = p
copy_extensions = copy
certificate = ${certificates.authority}
private_key = ${certificates.authority.replace(/pem$/, 'key')}
default_startdate = 20200101000000Z
default_enddate = 20200102000000Z
[p]
commonName = supplied
`,
  )
  const signed = ['-in', request, '-out', certificate, '-notext']
  execFileSync('openssl', ['ca', '-batch', '-config', config, ...signed], { stdio: 'pipe' })
  return { certificate, key }
}

async function examine(publicUrl: string, deps: Partial<PublicUrlDeps> = {}): Promise<string[]> {
  const keys = openKeyRing(program.keyFile, Date.now(), () => {})
  const checks = publicUrlChecks({
    publicUrl,
    ownUrl: program.url,
    visit: visitByHttp,
    ask: () => askInstance(keys, Date.now()),
    clock: Date.now,
    ...deps,
  })
  const found = await runChecks([{ title: '', checks }])
  return found.map(({ id, status, message, fix }) => `${id} ${status}: ${message} ${fix ?? ''}`)
}

const faultsOf = (found: readonly string[]) => found.filter(text => !/^\S+ (?:ok|skip):/.test(text))
const at = (name: (typeof PROXIES)[number]) => `https://localhost:${portOf(name)}`

test('is silent behind a good proxy, and without one on this machine', async () => {
  expect((await examine(at('good'))).map(text => text.split(':')[0])).toEqual([
    'public-url.https ok',
    'public-url.certificate ok',
    'public-url.instance ok',
    'public-url.headers ok',
    'public-url.client-address ok',
  ])
})

describe('finds', () => {
  test.each([
    ['selfSigned', /^public-url\.certificate fail: .*is self-signed/],
    ['expired', /^public-url\.certificate fail: .*has expired/],
    ['stripping', /^public-url\.headers warn: The proxy removes content-security-policy/],
    ['adding', /^public-url\.headers warn: The proxy changes or adds to content-security-policy/],
    ['unforwarded', /^public-url\.client-address warn: .*does not tell the address/],
    ['passingOn', /^public-url\.client-address warn: .*can pretend to have any address/],
    [
      'anything',
      /^public-url\.instance fail: What answers at publicUrl \(200\) is not this installation, although/,
    ],
    [
      'dead',
      /^public-url\.instance fail: What answers at publicUrl \(502\) is not this installation, although/,
    ],
    ['loop', /^public-url\.instance fail: .*again and again/],
    ['moved', /^public-url\.instance fail: publicUrl is redirected to https:\/\/localhost:\d+\/?:/],
  ] as const)('a fault of the proxy: %s', async (name, fault) => {
    const faults = faultsOf(await examine(at(name)))
    expect(faults).toEqual([expect.stringMatching(fault)])
  })

  test('a certificate for another name', async () => {
    const url = at('good').replace('localhost', '127.0.0.1')
    expect(faultsOf(await examine(url))).toEqual([
      expect.stringMatching(/^public-url\.certificate fail: .*is for another name/),
    ])
  })

  test('a certificate that nobody renews', async () => {
    const clock = () => Date.now() + 25 * DAY
    expect(faultsOf(await examine(at('good'), { clock }))).toEqual([
      expect.stringMatching(/^public-url\.certificate warn: .*expires in 4 days/),
    ])
  })

  test('http, where readers are not on this machine', async () => {
    const [https] = await examine('http://quarantine.example.invalid')
    expect(https).toMatch(/^public-url\.https warn: publicUrl is http/)
    expect((await examine(`http://127.0.0.1:${portOf('plain')}`))[0]).toMatch(/^public-url\.https ok/)
  })

  test('a port without TLS, one where nobody listens, and a name that does not resolve', async () => {
    const faults = async (url: string) => faultsOf(await examine(url))
    expect(await faults(`https://localhost:${portOf('plain')}`)).toEqual([
      expect.stringMatching(/^public-url\.instance fail: The web server at publicUrl speaks no TLS there/),
    ])
    expect(await faults('https://localhost:9')).toEqual([
      expect.stringMatching(
        /^public-url\.instance fail: Nothing answers at publicUrl .* Start the web server/,
      ),
    ])
    expect(await faults('https://quarantine.example.invalid')).toEqual([
      expect.stringMatching(/^public-url\.instance fail: The name .* does not resolve/),
    ])
  })

  test('another installation, and one whose service does not run', async () => {
    const keyFile = join(temporaryFolder(), 'token.keys')
    rotateKeyFile(keyFile, Date.now(), DAY)
    const keys = openKeyRing(keyFile, Date.now(), () => {})
    const ask = () => askInstance(keys, Date.now())
    expect(faultsOf(await examine(at('good'), { ask, ownUrl: undefined }))).toEqual([
      expect.stringMatching(
        /^public-url\.instance fail: What answers at publicUrl \(404\) .* Start the service/,
      ),
    ])
  })
})

test('tells nobody else whom it takes for the client', async () => {
  const response = await fetch(`${program.url}/instance/eyJhbGciOiJIUzI1NiJ9.e30.AAAA`)
  expect(response.status).toBe(404)
  expect(await response.text()).not.toContain('127.0.0.1')
})
