import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import type { SmtpSink } from './smtp-sink.ts'
import { waitUntil } from './wait.ts'

/** A private Postfix that hands all its mail on to a sink. */
export interface Postfix extends AsyncDisposable {
  readonly port: number
  /** The value for `smtp.url`. */
  readonly url: string
}

/** Starts Postfix with its own queue and configuration. Needs root. @param settings lines of main.cf */
export async function startPostfix(sink: SmtpSink, settings: readonly string[] = []): Promise<Postfix> {
  const dir = privateDir('postfix', 'postfix')
  const port = await freePort()
  const conf = join(dir.path, 'conf')
  const queue = join(dir.path, 'queue')
  for (const folder of [conf, queue]) mkdirSync(folder, { mode: 0o755 })
  dir.own('data')
  writeFileSync(join(conf, 'main.cf'), [...mainOf(dir.path, sink), ...settings, ''].join('\n'))
  writeFileSync(join(conf, 'master.cf'), `127.0.0.1:${port} inet n - n - - smtpd\n${SERVICES}`)
  chmodSync(conf, 0o755)
  const options = { stdio: 'pipe', env: { ...process.env, MAIL_CONFIG: conf } } as const
  execFileSync('postfix', ['-c', conf, 'check'], options)
  const master = startChild('/usr/lib/postfix/sbin/master', ['-c', conf, '-d'])
  await master.whileAlive(waitUntil('Postfix', () => isListening(port)))
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await master.stop()
      dir.remove()
    },
  }
}

const mainOf = (dir: string, sink: SmtpSink): string[] => [
  'compatibility_level = 3.6',
  `queue_directory = ${dir}/queue`,
  `data_directory = ${dir}/data`,
  `maillog_file = ${dir}/log`,
  `maillog_file_prefixes = ${dir}`,
  'myhostname = mx.example.com',
  'mydestination =',
  'inet_interfaces = 127.0.0.1',
  'inet_protocols = ipv4',
  'mynetworks = 127.0.0.0/8',
  `relayhost = [127.0.0.1]:${sink.port}`,
  'smtp_tls_security_level = none',
  'smtpd_tls_security_level = none',
  // Our own address is among mynetworks, which the limits pass over by default.
  'smtpd_client_event_limit_exceptions =',
]

const SERVICES = `pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
`
