import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Certificates, makeCertificates } from './certificates.ts'
import { type Child, startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { type PrivateDir, privateDir } from './private-dir.ts'
import { waitUntil } from './wait.ts'

/** A private slapd for `dc=example,dc=com`, on free ports of 127.0.0.1. */
export interface Slapd extends AsyncDisposable {
  readonly port: number
  readonly tlsPort: number
  /** The account that may search. */
  readonly bindDn: string
  readonly password: string
  readonly certificates: Certificates
  /** What it has written; with `loglevel stats`, each search. */
  log(): string
  stop(): Promise<void>
  start(): Promise<void>
}

export interface SlapdOptions {
  /** LDIF of what is below `dc=example,dc=com`. */
  readonly entries: string
  /** Attributes with an index for equality. */
  readonly indexed?: readonly string[]
  /** Further lines for slapd.conf, after those of the database. */
  readonly database?: readonly string[]
  /** Whether it has a certificate; by default it has. */
  readonly tls?: boolean
  /** Further lines for slapd.conf, before those of the database. */
  readonly global?: readonly string[]
}

const SUFFIX = 'dc=example,dc=com'

/** Starts a server with these entries: half a second. */
export async function startSlapd(options: SlapdOptions): Promise<Slapd> {
  const dir = privateDir('slapd', 'openldap')
  const certificates = makeCertificates('openldap')
  const password = randomBytes(12).toString('hex')
  const bindDn = `cn=amavis-digest,${SUFFIX}`
  const conf = writeConf(dir, certificates, options)
  const ldif = join(dir.path, 'entries.ldif')
  writeFileSync(ldif, [root(password), options.entries].join('\n'))
  await run('/usr/sbin/slapadd', ['-q', '-f', conf, '-l', ldif])
  if (dir.user === 'openldap') await run('chown', ['-R', 'openldap:openldap', join(dir.path, 'data')])

  const [port, tlsPort] = [await freePort(), await freePort()]
  const urls = [
    `ldap://127.0.0.1:${port}/`,
    ...((options.tls ?? true) ? [`ldaps://127.0.0.1:${tlsPort}/`] : []),
  ].join(' ')
  const user = dir.user === 'openldap' ? ['-u', 'openldap', '-g', 'openldap'] : []
  let server: Child | undefined
  const start = async () => {
    // A level of debugging keeps it in the foreground; 256 logs each operation.
    server = startChild('/usr/sbin/slapd', ['-d', '256', '-h', urls, '-f', conf, ...user])
    await server.whileAlive(waitUntil('slapd', () => isListening(port), { every: 10 }))
  }
  await start()
  return {
    port,
    tlsPort,
    bindDn,
    password,
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

const run = promisify(execFile)

function writeConf(dir: PrivateDir, tls: Certificates, options: SlapdOptions): string {
  const { indexed = ['mail', 'proxyAddresses', 'mailAlternateAddress', 'mailLocalAddress'] } = options
  const conf = join(dir.path, 'slapd.conf')
  const schema = join(dir.path, 'mailbox.schema')
  writeFileSync(schema, SCHEMA)
  dir.own('data')
  mkdirSync(join(dir.path, 'run'))
  writeFileSync(
    conf,
    [
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      ...['core', 'cosine', 'inetorgperson', 'misc'].map(name => `include /etc/ldap/schema/${name}.schema`),
      `include ${schema}`,
      ...((options.tls ?? true)
        ? [`TLSCertificateFile ${tls.certificate}`, `TLSCertificateKeyFile ${tls.key}`]
        : []),
      ...(options.global ?? []),
      'database mdb',
      'maxsize 1073741824',
      `suffix ${SUFFIX}`,
      `directory ${join(dir.path, 'data')}`,
      'index objectClass eq',
      ...indexed.map(name => `index ${name} eq`),
      'access to attrs=userPassword by anonymous auth by * none',
      `access to * by dn.base="cn=amavis-digest,${SUFFIX}" read by self read by * none`,
      ...(options.database ?? []),
      '',
    ].join('\n'),
  )
  return conf
}

/** Names that qmail-ldap and Active Directory use; their schemas do not come with OpenLDAP. */
const SCHEMA = `
attributetype ( 1.3.6.1.4.1.7914.1.2.1.3 NAME 'mailAlternateAddress'
  EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
attributetype ( 1.3.6.1.4.1.7914.1.2.1.5 NAME 'mailForwardingAddress'
  EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
attributetype ( 1.3.6.1.4.1.7914.1.2.1.14 NAME 'accountStatus'
  EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl'
  EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 2.16.840.1.113730.3.1.39999 NAME 'octets' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.7914.1.2.2.1 NAME 'mailAccount' SUP top AUXILIARY
  MAY ( mailAlternateAddress $ mailForwardingAddress $ accountStatus $ proxyAddresses $ userAccountControl $ octets ) )
`

/** LDIF of entries below `dc=example,dc=com`. Each is an object of attributes; its `uid` names it. */
export const ldif = (
  entries: readonly Readonly<Record<string, string | Uint8Array | readonly string[]>>[],
): string => entries.map(entryText).join('\n')

function entryText(entry: Readonly<Record<string, string | Uint8Array | readonly string[]>>): string {
  const attributes = {
    objectClass: ['inetOrgPerson', 'mailAccount'],
    cn: 'somebody',
    sn: 'somebody',
    ...entry,
  }
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    (typeof values === 'string' || values instanceof Uint8Array ? [values] : values).map(
      value => `${name}:: ${Buffer.from(value).toString('base64')}`,
    ),
  )
  return [`dn: uid=${String(entry.uid)},${SUFFIX}`, ...lines, ''].join('\n')
}

const root = (password: string): string => `dn: ${SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: cn=amavis-digest,${SUFFIX}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: amavis-digest
userPassword: ${password}
`
