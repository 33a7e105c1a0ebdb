import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Certificates, makeCertificates } from './certificates.ts'
import { type Child, startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import { waitUntil } from './wait.ts'

/** A private Dovecot with IMAP, on free ports of 127.0.0.1. */
export interface Dovecot extends AsyncDisposable {
  /** `imaps:`. */
  readonly tlsPort: number
  /** `imap:` with STARTTLS. */
  readonly port: number
  readonly certificates: Certificates
  /** What it has logged: each attempt to sign in. */
  log(): string
  stop(): Promise<void>
  start(): Promise<void>
}

export interface DovecotOptions {
  /** Passwords by name, as lines of a passwd-file have them: `{PLAIN}secret`. */
  readonly users: Readonly<Record<string, string>>
  /** Further settings. */
  readonly settings?: readonly string[]
}

/** Starts a server with these users, in a tenth of a second. */
export async function startDovecot({ users, settings = [] }: DovecotOptions): Promise<Dovecot> {
  const dir = privateDir('dovecot', 'dovecot')
  const certificates = makeCertificates('dovecot')
  const base = dir.own('run')
  const [port, tlsPort] = [await freePort(), await freePort()]
  const passwords = join(dir.path, 'users')
  writeFileSync(
    passwords,
    Object.entries(users)
      .map(([name, password]) => `${name}:${password}\n`)
      .join(''),
  )
  const { user } = dir
  const conf = join(dir.path, 'dovecot.conf')
  writeFileSync(
    conf,
    [
      `base_dir = ${base}`,
      `state_dir = ${base}`,
      'protocols = imap',
      'listen = 127.0.0.1',
      'log_path = /dev/stderr',
      'auth_verbose = yes',
      // As it is, but without the two seconds that each refusal waits.
      'auth_failure_delay = 0',
      `ssl = required`,
      `ssl_cert = <${certificates.certificate}`,
      `ssl_key = <${certificates.key}`,
      'auth_mechanisms = plain login',
      'first_valid_uid = 1',
      `default_internal_user = ${user}`,
      `default_login_user = ${user === 'dovecot' ? 'dovenull' : user}`,
      `passdb {\n driver = passwd-file\n args = scheme=PLAIN username_format=%u ${passwords}\n}`,
      `userdb {\n driver = static\n args = uid=${user} gid=${user} home=${base}/%u mail=maildir:${base}/mail/%u\n}`,
      'service imap-login {',
      ' process_min_avail = 1',
      ' chroot =',
      ` inet_listener imap {\n port = ${port}\n }`,
      ` inet_listener imaps {\n port = ${tlsPort}\n ssl = yes\n }`,
      '}',
      'service anvil {\n chroot =\n}',
      'service stats {\n client_limit = 100\n}',
      ...settings,
      '',
    ].join('\n'),
  )
  let server: Child | undefined
  const start = async () => {
    server = startChild('/usr/sbin/dovecot', ['-F', '-c', conf])
    await server.whileAlive(waitUntil('dovecot', () => isListening(tlsPort), { every: 10 }))
  }
  await start()
  return {
    port,
    tlsPort,
    certificates,
    log: () => server?.output() ?? '',
    start,
    stop: async () => server?.stop(),
    [Symbol.asyncDispose]: async () => {
      await server?.stop()
      certificates[Symbol.dispose]()
      dir.remove()
    },
  }
}
