import { databaseUrl } from './database-url.ts'
import type { Finding } from './finding.ts'
import type { AmavisSettings, Setting } from './settings.ts'
import type { Sockets } from './sockets.ts'

/**
 * Values for our options that amavisd's configuration tells. What it sets only under a condition, or what a file that
 * cannot be read may set otherwise, is marked with CHECK, and so is what is only a guess.
 */
export function findingsIn(settings: AmavisSettings, { requests, ports }: Sockets): Finding[] {
  const [socket] = requests
  return [
    ...found('storage.url', settings.get('@storage_sql_dsn'), databaseUrl),
    ...(socket ? [{ key: 'release.via', value: socket.via, source: sourceOf(socket) }] : []),
    ...mailServer(settings.get('$forward_method'), ports),
    ...guessed('publicUrl', publicName(settings), name => `https://${name}`),
    ...guessed('smtp.from', settings.get('$mydomain'), domain => `Mail quarantine <quarantine@${domain}>`),
    ...guessed('admins', settings.get('$mydomain'), domain => [`postmaster@${domain}`]),
  ]
}

function found(
  key: string,
  setting: Setting,
  toValue: (value: Setting['value']) => string | undefined,
): Finding[] {
  const value = setting.file === undefined ? undefined : toValue(setting.value)
  return value === undefined ? [] : [{ key, value, source: sourceOf(setting) }]
}

function sourceOf({ file, isSure }: Pick<Setting, 'file' | 'isSure'>): string {
  if (isSure) return `found in ${file}`
  return `CHECK: found in ${file}, but it may be set otherwise: init cannot follow all that amavisd reads`
}

/** The port at which the MTA takes mail back. */
function mailServer(setting: Setting, ports: ReadonlySet<string>): Finding[] {
  const [method] = [setting.value].flat()
  const [, host = '', port = ''] =
    /^e?smtp:(?:\/\/)?(\[[\w.:]+\]|[\w.-]+|\*):(\d+|\*)$/i.exec(typeof method === 'string' ? method : '') ??
    []
  if (setting.file === undefined || port === '') return []
  if (host !== '*' && port !== '*') return found('smtp.url', setting, () => `smtp://${urlHost(host)}:${port}`)
  // A * is the host that the mail came from, and the port at which it came plus 1: those of the first port.
  const [first] = ports
  if (first === undefined) return []
  const here = host === '*' ? '127.0.0.1' : urlHost(host)
  const source = `CHECK: guessed from $forward_method in ${setting.file}, which names the port at which mail came in plus 1`
  return [{ key: 'smtp.url', value: `smtp://${here}:${Number(first) + 1}`, source }]
}

/** Only an IPv6 address needs its brackets. */
const urlHost = (host: string): string => (host.includes(':') ? host : host.replaceAll(/[[\]]/g, ''))

/** Readers may reach the server under another name, and may know another sender's domain. */
function guessed(key: string, { value, file }: Setting, make: (name: string) => Finding['value']): Finding[] {
  if (typeof value !== 'string' || !/^[a-z\d-]+(?:\.[a-z\d-]+)+$/i.test(value)) return []
  return [{ key, value: make(value), source: `CHECK: guessed from ${file}` }]
}

function publicName(settings: AmavisSettings): Setting {
  const host = settings.get('$myhostname')
  if (typeof host.value === 'string') return host
  const domain = settings.get('$mydomain')
  return typeof domain.value === 'string' ? { ...domain, value: `quarantine.${domain.value}` } : domain
}
