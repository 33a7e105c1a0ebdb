import { z } from 'zod'
import { domainName } from '../../directory/reader-address.ts'
import { isNetwork } from '../../network/network-list.ts'
import { duration, section, urlOf } from './fields.ts'
import { attribute, filter } from './ldap-fields.ts'
import { type SignInLdapOptions, signInLdapFaults } from './sign-in-ldap-faults.ts'

const IMAP_URL = 'imaps://imap.example.com'

const imapUrl = () =>
  urlOf(['imaps', 'imap'], IMAP_URL).refine(text => !URL.canParse(text) || hasServerOnly(new URL(text)), {
    error: `expected a host and perhaps a port only, such as ${IMAP_URL}`,
  })

const hasServerOnly = ({ pathname, search }: URL): boolean => pathname.length <= 1 && search === ''

const imap = z
  .strictObject({
    url: imapUrl().describe(
      'The IMAP server: imaps://host, or imap://host, which must offer STARTTLS. A password never goes over a connection without TLS.',
    ),
    domains: z
      .record(z.string(), imapUrl())
      .superRefine(domainNames)
      .optional()
      .describe(
        `The server of each domain whose mailboxes are elsewhere, e.g. { example.net: ${IMAP_URL} }. For all other domains, url is used.`,
      ),
    caFile: z
      .string()
      .optional()
      .describe("PEM file of certificate authorities. By default the system's are trusted."),
  })
  .optional()
  .describe('The password of the IMAP server.')

const ldap = z
  .strictObject({
    url: urlOf(['ldaps', 'ldap'], 'ldaps://ldap.example.com').describe(
      'The directory server: ldaps://host, or ldap://host with STARTTLS.',
    ),
    startTls: z
      .boolean()
      .optional()
      .describe(
        'Encrypt a connection to ldap:// before anything else. By default it is done unless the server is on this machine. A password is sent to another machine only if the connection is encrypted.',
      ),
    caFile: z
      .string()
      .optional()
      .describe("PEM file of certificate authorities. By default the system's are trusted."),
    bindAs: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The name that a reader signs in with there, such as uid=:user,ou=people,dc=example,dc=com. :name is what was typed, :user the part before its at-sign, :domain the part after it. Leave it out to search for the entry.',
      ),
    base: z.string().optional().describe('Where to search, such as ou=people,dc=example,dc=com.'),
    filter: filter
      .optional()
      .describe('Which entry is the reader who typed :name (or :user, :domain), such as (mail=:name).'),
    bindDn: z.string().optional().describe('The account that searches. By default none.'),
    password: z.string().meta({ secret: true }).optional().describe('Its password.'),
    mailboxAttribute: orElse(attribute, 'mail').describe(
      "The attribute with the mailbox's own address. By default mail.",
    ),
  })
  .superRefine((options: SignInLdapOptions, context) => {
    for (const { key, message } of signInLdapFaults(options))
      context.addIssue({ code: 'custom', path: [key], message })
  })
  .optional()
  .describe('The password of a directory server.')

const ispconfig = z
  .boolean()
  .default(false)
  .describe(
    "true: the password of the mailbox in ISPConfig's tables, if directory.kind is ispconfig. Its account needs the right to read mail_user.password.",
  )

const oidc = z
  .strictObject({
    issuer: urlOf(['https', 'http'], 'https://login.example.com').describe(
      'The OpenID provider, whose /.well-known/openid-configuration is read. http:// is for tests on this machine.',
    ),
    clientId: z.string().min(1).describe('The client that was registered there.'),
    clientSecret: z.string().min(1).meta({ secret: true }).optional().describe('Its secret.'),
    label: orElse(z.string().min(1).max(60), 'OpenID').describe(
      'What the button calls the provider. By default OpenID.',
    ),
    scopes: orElse(
      z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected a scope such as email')),
      ['openid', 'email'],
    ).describe('What is asked for. openid and email are needed. By default [openid, email].'),
  })
  .optional()
  .describe('An OpenID provider. Its redirect URI is publicUrl with /sign-in/oidc/done.')

const header = z
  .strictObject({
    name: z
      .string()
      .regex(/^[!#$%&'*+.^`|~\w-]+$/, 'expected the name of a header, such as X-Forwarded-Email')
      .describe("The header with the reader's address."),
    proxies: z
      .array(
        z.string().refine(isNetwork, 'expected an address or a network, such as 127.0.0.1 or 192.0.2.0/24'),
      )
      .min(1, 'expected at least one proxy')
      .describe(
        'Addresses or networks of the proxies that may set it, e.g. [127.0.0.1]. They must be in http.trustProxy too, and must remove the header from what browsers send.',
      ),
  })
  .optional()
  .describe('A header in which a reverse proxy says who has signed in there.')

/** How readers sign in. */
export const signInOptions = section({
  link: z
    .boolean()
    .default(true)
    .describe('true: a reader who types an address gets a link to sign in, by mail to the own mailbox.'),
  imap,
  ldap,
  ispconfig,
  oidc,
  header,
  timeout: duration('25s', '1s', '1m').describe(
    'How long one of these servers may take to answer. Dovecot lets an address with failures wait up to 15 seconds.',
  ),
  admins: z
    .array(z.enum(['imap', 'ldap', 'ispconfig', 'oidc', 'header']))
    .default([])
    .describe(
      'The ways by which admins may sign in besides the link by mail, e.g. [oidc]. Whoever runs that server can then sign in as an admin. By default none.',
    ),
}).describe('How readers sign in to the quarantine, besides by the links of their digests.')

/** For an option of a group that may be left out: `init` writes no default into a group that is commented out. */
function orElse<Value>(value: z.ZodType<Value, Value>, standard: Value) {
  return value.optional().transform(given => given ?? standard)
}

function domainNames(domains: Readonly<Record<string, string>>, context: z.RefinementCtx): void {
  for (const domain of Object.keys(domains))
    if (domainName(domain) !== domain)
      context.addIssue({
        code: 'custom',
        path: [domain],
        message: 'expected a domain such as example.com, in lower case and without @',
      })
}
