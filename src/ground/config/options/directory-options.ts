import { z } from 'zod'
import { domainName, readerAddress } from '../../directory/reader-address.ts'
import { duration, secretUrlOf, section } from './fields.ts'
import { type LdapOptions, ldapFaults } from './ldap-faults.ts'
import { attribute, filter } from './ldap-fields.ts'

const outsideReader = z.string().transform((text, context) => {
  const isDomain = text.startsWith('@')
  const scope = isDomain ? domainName(text) : readerAddress(text)
  if (scope !== undefined) return isDomain ? `@${scope}` : scope
  context.addIssue({
    code: 'custom',
    message: 'expected an address (bob@example.net) or a domain (@example.net)',
  })
  return z.NEVER
})

const ISPCONFIG_URL = 'mysql://digest_directory:PASSWORD@127.0.0.1:3306/dbispconfig'

/** Who reads the mail of an address. */
export const directoryOptions = section({
  kind: z
    .enum(['addresses', 'ispconfig', 'amavis', 'sql', 'ldap'])
    .default('addresses')
    .describe(
      "Who reads the mail of an address. addresses: each address reads its own mail. ispconfig: ISPConfig's tables. amavis: amavisd's users table. sql: a query of your own. ldap: a directory server.",
    ),
  url: secretUrlOf(['mysql', 'mariadb', 'postgres', 'postgresql', 'sqlite', 'ldap', 'ldaps'], ISPCONFIG_URL, {
    query: true,
  })
    .optional()
    .describe('Where the directory is. amavis: by default the database of storage.url.'),
  recipientDelimiter: z
    .string()
    .max(8)
    .default('')
    .describe(
      "What begins the part of an address that its reader may choose, as in Postfix: + makes bob+list@ bob's.",
    ),
  refresh: duration('5m', '1s', '1d').describe(
    'For how long an answer of the directory counts. Messages that wait follow a change within this time.',
  ),
  timeout: duration('5s', '100ms', '1m').describe('How long to wait for the directory.'),
  outsideReaders: z
    .array(outsideReader)
    .default([])
    .describe(
      'Addresses elsewhere (bob@example.net), or whole domains (@example.net), that get digests if mail is forwarded to them. By default none do.',
    ),
  servers: z
    .array(z.number().int().positive())
    .default([])
    .describe('ispconfig: the server_id of each server whose mail this is. By default all.'),
  query: z
    .string()
    .min(1)
    .optional()
    .describe(
      'sql: who reads the mail of :address, in columns named reader and, if there are any, language and time_zone. It is also asked about each reader.',
    ),
  startTls: z
    .boolean()
    .optional()
    .describe(
      'ldap: encrypt a connection to ldap:// before anything else. By default it is done unless the server is on this machine. A password is sent to another machine only if the connection is encrypted.',
    ),
  caFile: z
    .string()
    .optional()
    .describe("ldap: PEM file of certificate authorities. By default the system's are trusted."),
  base: z.string().optional().describe('ldap: where to search, such as ou=people,dc=example,dc=com.'),
  bindDn: z.string().optional().describe('ldap: the account that searches. By default none.'),
  password: z.string().meta({ secret: true }).optional().describe('ldap: its password.'),
  filter: filter
    .default('(objectClass=*)')
    .describe('ldap: which entries are mailboxes of yours, such as (objectClass=inetOrgPerson).'),
  mailboxAttribute: attribute.default('mail').describe("ldap: the attribute with a mailbox's own address."),
  addressAttributes: z
    .array(attribute)
    .default(['mail', 'mailAlternateAddress', 'mailLocalAddress', 'proxyAddresses'])
    .describe(
      'ldap: the attributes with all addresses of a mailbox. The server needs an index for equality on each that it knows.',
    ),
  forwardAttributes: z
    .array(attribute)
    .default([])
    .describe(
      "ldap: the attributes with addresses to which an entry's mail is sent on instead of to its own mailbox, such as maildrop. By default none.",
    ),
  languageAttribute: attribute
    .default('preferredLanguage')
    .describe("ldap: the attribute with its owner's language."),
  nameAttribute: attribute.default('cn').describe("ldap: the attribute with its owner's name."),
  offFilter: filter
    .optional()
    .describe('ldap: which mailboxes are switched off, such as (accountStatus=disabled).'),
}).superRefine(kindHasItsOptions)

interface Options extends LdapOptions {
  readonly kind: string
  readonly query?: string | undefined
  readonly base?: string | undefined
}

function kindHasItsOptions(options: Options, context: z.RefinementCtx): void {
  const { kind, url, query, base } = options
  const need = (key: string, value: string | undefined, example: string) => {
    if (value !== undefined) return
    const message = `expected ${example}, because directory.kind is ${kind}`
    context.addIssue({ code: 'custom', path: [key], message })
  }
  const isSql = url === undefined || !/^ldaps?:/.test(url)
  if (kind === 'ispconfig') need('url', isMysql(url) ? url : undefined, `a URL such as ${ISPCONFIG_URL}`)
  if (kind === 'sql') {
    need('url', url, 'the URL of a database')
    need('query', query, 'a query with :address')
    if (query !== undefined && !query.includes(':address'))
      context.addIssue({
        code: 'custom',
        path: ['query'],
        message: 'expected :address where the address goes',
      })
  }
  if (kind === 'ldap') {
    need('url', url, 'a URL such as ldaps://ldap.example.com')
    need('base', base, 'a base such as ou=people,dc=example,dc=com')
    for (const { key, message } of ldapFaults(options))
      context.addIssue({ code: 'custom', path: [key], message })
  }
  if (url !== undefined && kind !== 'addresses' && isSql === (kind === 'ldap'))
    context.addIssue({
      code: 'custom',
      path: ['url'],
      message: kind === 'ldap' ? 'expected ldap:// or ldaps://' : 'expected the URL of a database',
    })
}

const isMysql = (url: string | undefined): boolean => url !== undefined && /^(?:mysql|mariadb):/.test(url)
