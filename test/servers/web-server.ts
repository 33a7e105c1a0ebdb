import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificates } from './certificates.ts'
import { startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import { waitUntil } from './wait.ts'

/** nginx, Apache or Caddy with the sample of `packaging`, in front of a service. */
export interface WebServer extends AsyncDisposable {
  readonly https: number
  readonly http: number
  /** The certificate authority of its certificate, which is for `localhost`. */
  readonly authority: string
  /** Everything that it has logged: accesses, errors, and what it said itself. */
  log(): string
}

/** @param backend the port of the service */
export async function startWebServer(
  kind: 'nginx' | 'apache' | 'caddy',
  backend: number,
): Promise<WebServer> {
  const dir = privateDir(kind, 'www-data')
  const home = dir.own('home')
  const certificates = makeCertificates('www-data')
  const [https, http] = [await freePort(), await freePort()]
  const sample = SAMPLES[kind]
    .replaceAll(/^ *listen \[::\].*\n/gm, line => (HAS_IPV6 ? line : ''))
    .replaceAll(/\b(listen (?:\[::\]:)?|VirtualHost \*:)(443|80)\b/g, (_, before, port) => {
      return `${before}${port === '443' ? https : http}`
    })
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${backend}`)
    .replaceAll('https://quarantine.example.com', `https://localhost:${https}`)
    .replaceAll('/etc/letsencrypt/live/quarantine.example.com/fullchain.pem', certificates.certificate)
    .replaceAll('/etc/letsencrypt/live/quarantine.example.com/privkey.pem', certificates.key)
    // Caddy gets certificates itself, which it cannot here.
    .replace(/^\{$/m, `{\n\tadmin off\n\thttp_port ${http}\n\thttps_port ${https}`)
    .replace(/^quarantine\.example\.com \{$/m, `$&\n\ttls ${certificates.certificate} ${certificates.key}`)
    .replace(/^\tlog \{$/m, `$&\n\t\toutput file ${home}/amavis-digest.access.log`)
    .replaceAll('quarantine.example.com', 'localhost')
    .replaceAll(/\/var\/log\/nginx|\$\{APACHE_LOG_DIR\}/g, home)
    .replaceAll('/var/www/html', home)
  const sampleFile = join(dir.path, 'sample.conf')
  const mainFile = join(dir.path, 'main.conf')
  writeFileSync(sampleFile, sample)
  writeFileSync(mainFile, MAIN[kind]({ home, sampleFile, ports: [https, http], user: dir.user }))
  const server = startChild(...COMMANDS[kind](mainFile, home))
  await server.whileAlive(
    waitUntil(kind, async () => (await isListening(https)) && (await isListening(http))),
  )
  return {
    https,
    http,
    authority: certificates.authority,
    log: () => server.output() + LOGS.map(name => readIfThere(join(home, name))).join(''),
    [Symbol.asyncDispose]: async () => {
      await server.stop()
      dir.remove()
      certificates[Symbol.dispose]()
    },
  }
}

const HAS_IPV6 = existsSync('/proc/net/if_inet6')

const SAMPLES = {
  nginx: readSample('nginx/amavis-digest.conf'),
  apache: readSample('apache/amavis-digest.conf'),
  caddy: readSample('caddy/Caddyfile'),
}

function readSample(name: string): string {
  return readFileSync(new URL(`../../packaging/${name}`, import.meta.url), 'utf8')
}

interface Main {
  readonly home: string
  readonly sampleFile: string
  readonly ports: readonly number[]
  readonly user: string
}

/** What the packages of Debian set around the sample, as far as it matters: their own logs have the whole path. */
const MAIN = {
  nginx: ({ home, sampleFile, user }: Main) => `user ${user};
pid ${home}/nginx.pid;
worker_processes 1;
error_log ${home}/error.log;
events {}
http {
  access_log ${home}/access.log;
  client_body_temp_path ${home}/body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  include ${sampleFile};
}
`,
  apache: ({ home, sampleFile, ports, user }: Main) => `ServerRoot ${home}
ServerName localhost
PidFile ${home}/apache.pid
DefaultRuntimeDir ${home}
User ${user}
Group ${user}
ErrorLog ${home}/error.log
${APACHE_MODULES.map(name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${ports.map(port => `Listen ${port}`).join('\n')}
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" vhost_combined
CustomLog ${home}/access.log vhost_combined
<Directory />
  Require all denied
</Directory>
<Directory ${home}>
  Require all granted
</Directory>
Include ${sampleFile}
`,
  caddy: ({ sampleFile }: Main) => `import ${sampleFile}\n`,
}

/** Those that Debian's package loads, as far as the sample needs them, and the three that it names. */
const APACHE_MODULES = [
  'mpm_event',
  'authz_core',
  'authz_host',
  'alias',
  'setenvif',
  'socache_shmcb',
  'ssl',
  'proxy',
  'proxy_http',
  'headers',
]

type Command = Parameters<typeof startChild>

const COMMANDS: Record<keyof typeof MAIN, (file: string, home: string) => Command> = {
  nginx: (file, home) => ['/usr/sbin/nginx', ['-c', file, '-p', home, '-g', 'daemon off;']],
  apache: file => ['/usr/sbin/apache2', ['-f', file, '-D', 'FOREGROUND']],
  caddy: (_, home) => [
    '/usr/bin/caddy',
    ['run', '--adapter', 'caddyfile', '--config', join(home, '../sample.conf')],
    { env: { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home } },
  ],
}

const LOGS = ['access.log', 'error.log', 'amavis-digest.access.log', 'amavis-digest.error.log']

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
