import { z } from 'zod'
import { brandName } from '../brand/brand.ts'
import { colourFault } from '../brand/colours.ts'
import { MAX_DOMAINS } from '../database/limits.ts'
import { domainName, readerAddress } from '../directory/reader-address.ts'
import { DEFAULT_KEY_FILE } from '../links/key-file.ts'
import { directoryOptions } from './options/directory-options.ts'
import {
  address,
  cron,
  duration,
  mailbox,
  optionalDuration,
  secretUrlOf,
  section,
  timeZone,
  urlOf,
} from './options/fields.ts'
import { learnOptions } from './options/learn-options.ts'
import { policyOptions } from './options/policy-options.ts'
import { requestsOptions } from './options/requests-options.ts'
import { sendersOptions } from './options/senders-options.ts'
import { signInOptions } from './options/sign-in-options.ts'

/** The schedules of a configuration that names none. */
export const STANDARD_SCHEDULES = [{ name: 'daily', cron: ['0 6 * * *'], timezone: 'UTC', default: true }]

/**
 * The documentation of every option: its path, type, default and meaning. `amavis-digest init` writes the `describe`
 * texts into its file. Unknown keys are faults.
 */
export const configSchema = z.strictObject({
  publicUrl: urlOf(['https', 'http'], 'https://quarantine.example.com')
    .transform(text => text.replace(/\/+$/, ''))
    .describe('Where readers reach this program. All links are built from this URL, never from a request.'),

  http: section({
    host: z.string().default('127.0.0.1').describe('The address to listen on.'),
    port: z.number().int().min(0).max(65535).default(8080).describe('The TCP port to listen on.'),
    trustProxy: z
      .array(z.string())
      .default([])
      .describe(
        'Addresses or networks of reverse proxies whose X-Forwarded-For is trusted, e.g. [127.0.0.1].',
      ),
    perAddress: count(300).describe('Requests that one network address may make in a minute.'),
    perLink: count(60).describe('Requests that one link may get in a minute.'),
    perKey: count(300).describe('Requests that one key of the API may make in a minute.'),
  }),

  storage: z
    .strictObject({
      url: database('mysql://amavis_storage:xxxx@127.0.0.1:3306/amavis_storage'),
      connections: databaseConnections(),
    })
    .describe(
      "amavisd's own database (its @storage_sql_dsn): mysql://, postgres:// or sqlite:///path. Unix socket: ?socketPath=/run/mysqld/mysqld.sock, ?host=/run/postgresql. TLS: ?ssl-mode=REQUIRED, VERIFY_CA or VERIFY_IDENTITY with &ssl-ca=/path for MySQL and MariaDB; ?sslmode=require, verify-ca or verify-full with &sslrootcert=/path for PostgreSQL. Only the modes that verify keep out an impostor.",
    ),
  state: section({
    url: database('mysql://amavis_digest:xxxx@127.0.0.1:3306/amavis_digest').optional(),
    connections: databaseConnections(),
  }).describe('The database of our own tables. Default: the same as storage.'),

  smtp: z
    .strictObject({
      url: secretUrlOf(['smtp', 'smtps'], 'smtp://127.0.0.1:10025').describe(
        'The SMTP server for digests, preferably a port of your MTA that amavisd does not scan. smtp://user:password@host:587 signs in.',
      ),
      from: mailbox.describe('The From of every digest.'),
      envelopeFrom: address
        .or(z.literal(''))
        .default('')
        .describe('The envelope sender. Empty is the null sender: no bounces come back.'),
      requireTls: z.boolean().default(false).describe('Refuse a server that does not offer STARTTLS.'),
      verifyCertificate: z.boolean().default(true).describe('Refuse a certificate that cannot be verified.'),
      caFile: z.string().optional().describe('PEM file of a certificate authority of your own.'),
      rate: z
        .number()
        .positive()
        .optional()
        .describe('The most digests sent in a second by each process; with Redis, by all workers together.'),
      dkim: z
        .strictObject({ domain: z.string(), selector: z.string(), keyFile: z.string() })
        .optional()
        .describe('Sign digests here. Leave it out when your MTA signs.'),
    })
    .describe('How digests are sent.'),

  release: section({
    via: releaseUrl()
      .default('tcp://127.0.0.1:9998')
      .describe(
        "amavisd's AM.PDP socket (tcp://host:port or unix:///path), or the command exec:///usr/sbin/amavisd-release.",
      ),
    hosts: z
      .record(z.string(), releaseUrl())
      .default({})
      .superRefine(hostNames)
      .describe(
        'If there are several amavisd, the socket of each by its $myhostname (msgs.host), e.g. { mx1.example.com: tcp://192.0.2.1:9998 }. For all other hosts, via is used.',
      ),
    connections: z
      .number()
      .int()
      .min(1)
      .max(50)
      .default(2)
      .describe(
        "The most releases at once. Each one occupies one of amavisd's child processes ($max_servers).",
      ),
    timeout: duration('30s').describe('How long amavisd may take to answer.'),
    giveUp: duration('24h', '1m').describe(
      'How long to keep trying a release while amavisd or the next MTA is down.',
    ),
  }),

  links: section({
    keyFile: z
      .string()
      .default(DEFAULT_KEY_FILE)
      .describe(
        'The file with the keys that sign links. It belongs to the user of the service (mode 0600), and is created if it is missing.',
      ),
    lifetime: duration('14d', '1h', '3650d').describe(
      'How long a link works, unless the quarantine is purged earlier.',
    ),
    oneClick: z
      .boolean()
      .default(true)
      .describe(
        'true: the page releases at the first mouse movement, touch or key press. false: only its button releases.',
      ),
  }),

  collect: section({
    every: duration('60s').describe('How often held mail is collected.'),
    overlap: duration('15m', '1m').describe(
      "How far back collecting looks again each time. It must be more than amavisd's $child_timeout. Where it holds over 100,000 messages, `serve` looks at a part of them each time; a run looks at all.",
    ),
    initial: duration('24h', '1m', '3650d').describe('How far back collecting looks the very first time.'),
    localOnly: z
      .boolean()
      .default(true)
      .describe('false: mail for recipients that are not local to amavisd is listed too.'),
  }),

  readers: section({
    language: z
      .string()
      .default('en')
      .describe('The language of readers for whom nobody has set one, and of whom the directory knows none.'),
    timezone: timeZone.optional().describe('Their time zone. Default: that of the default schedule.'),
  }),

  schedules: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and dashes'),
        cron: z.union([cron, z.array(cron).min(1)]).transform(value => [value].flat()),
        timezone: timeZone.or(z.literal('reader')).default('UTC'),
        default: z.boolean().default(false),
      }),
    )
    .default([...STANDARD_SCHEDULES])
    .superRefine(oneDefault)
    .describe(
      'When digests are sent. Read at the first start only; afterwards the table of schedules counts.',
    ),

  directory: directoryOptions,

  signIn: signInOptions,

  digest: section({
    maxRows: z.number().int().min(1).max(500).default(100).describe('The most messages listed in one mail.'),
    expiringSoon: duration('3d', '1h', '60d').describe(
      'A message that was listed before and is still held is listed again if it expires within this time, or before the next digest may come.',
    ),
    spamBorder: z
      .number()
      .default(10)
      .describe(
        'Spam with at least this score is listed last, as almost certainly spam. Spam below it is listed first, as perhaps wanted.',
      ),
    showScore: z.boolean().default(false).describe("true: each message is listed with SpamAssassin's score."),
    disguise: z
      .enum(['auto', 'never'])
      .default('auto')
      .describe(
        'auto: words of spam that a content filter would count against the digest are hidden from it: in HTML by an invisible character, in plain text by leaving out their end. never: they stand as they are. Choose it when your MTA takes digests in behind the filter.',
      ),
    canary: z
      .boolean()
      .default(true)
      .describe(
        'Each digest contains one link that no human sees. If it is fetched, a machine reads the mail, and the links of that digest then need the button.',
      ),
  }),

  delivery: section({
    connections: z.number().int().min(1).max(100).default(10).describe('The most SMTP connections at once.'),
    lease: duration('30s', '5s').describe(
      'How long until other processes take over the work of a process that died.',
    ),
    giveUp: duration('24h', '1m').describe('How long to keep trying a digest while the SMTP server is down.'),
    withoutRelease: z
      .boolean()
      .default(false)
      .describe(
        'false: while the amavisd that holds the messages of a digest cannot be asked to release, the digest waits. true: it is sent all the same, and its links do nothing until amavisd answers.',
      ),
  }),

  policy: policyOptions,

  requests: requestsOptions,

  senders: sendersOptions,

  learn: learnOptions,

  runs: section({
    grace: duration('12h', '1m').describe(
      'How long after its time a missed run is still made up. After that, its mail comes with the next run.',
    ),
  }),

  queue: section({
    kind: z
      .enum(['in-process', 'redis'])
      .default('in-process')
      .describe(
        'in-process: the service itself delivers. redis: amavis-digest worker processes deliver, on any number of machines.',
      ),
    url: secretUrlOf(['redis', 'rediss'], 'redis://127.0.0.1:6379')
      .refine(
        text => !URL.canParse(text) || /^\/?\d{0,9}$/.test(new URL(text).pathname),
        'expected the number of a database after the host, such as redis://127.0.0.1:6379/1',
      )
      .optional()
      .describe('The URL of Redis or Valkey. Nothing in it is irreplaceable.'),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/, 'expected letters, digits, _ and -')
      .default('amavis-digest')
      .describe('The prefix of our keys in Redis.'),
  }).superRefine(redisHasUrl),

  worker: section({
    host: z.string().default('127.0.0.1').describe('The address that a worker listens on, if it has a port.'),
    port: z
      .number()
      .int()
      .min(0)
      .max(65535)
      .optional()
      .describe('Where a worker answers /healthz, /readyz and /metrics. Default: nowhere.'),
  }),

  watch: section({
    host: z
      .string()
      .default('127.0.0.1')
      .describe('The address to listen on for monitoring, if there is a port.'),
    port: z
      .number()
      .int()
      .min(0)
      .max(65535)
      .optional()
      .describe(
        'Where serve answers /readyz and /metrics. Default: at http.port. If it is set, http.port answers only /healthz of the three.',
      ),
  }).describe('A listener of its own for monitoring.'),

  health: section({
    every: duration('60s', '1s', '1h').describe(
      'How often SMTP and amavisd are probed for /readyz, unless recent work has shown that they are up.',
    ),
  }),

  doctor: section({
    partitioned: z
      .boolean()
      .default(false)
      .describe(
        "true: amavisd's $sql_partition_tag is set on purpose. doctor then warns only when a tag has come again while mail of its former round was left.",
      ),
    mailbox: secretUrlOf(['imaps', 'imap'], 'imaps://alice%40example.com:xxxx@imap.example.com')
      .optional()
      .describe(
        'A mailbox for tests: doctor --send-test ADDRESS looks into it by IMAP whether its mail arrived. Write an @ in the user as %40.',
      ),
    caFile: z
      .string()
      .optional()
      .describe(
        "PEM file of certificate authorities for doctor.mailbox. By default the system's are trusted.",
      ),
  }),

  purge: section({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        "true: serve deletes old mail from amavisd's tables, at the times of cron. It needs the right to: see the guide docs/guides/purge.md.",
      ),
    olderThan: duration('30d', '1h', '3650d').describe(
      'How long your quarantine keeps mail, whoever deletes it. No link promises a longer time.',
    ),
    kinds: z
      .strictObject({
        spam: keptFor('14d'),
        badHeader: keptFor('14d'),
        banned: keptFor('60d'),
        unchecked: keptFor('60d'),
        oversized: keptFor('14d'),
        other: keptFor('7d'),
        virus: keptFor('7d'),
      })
      .default({})
      .describe(
        'How long it keeps mail of one kind, where that is not olderThan: { virus: 7d, other: 7d }. Links promise no more. other is mail that was passed, and errors.',
      ),
    released: optionalDuration('7d', '1h', '3650d').describe(
      'How long after it came a message is kept that was released to all who were to get it. Default: as long as others.',
    ),
    deleted: optionalDuration('1d', '1h', '3650d').describe(
      'How long after it came a message is kept that is marked for deletion (msgrcpt.rs = D). Default: as long as others.',
    ),
    cron: z
      .union([cron, z.array(cron).min(1)])
      .transform(value => [value].flat())
      .default(['30 3 * * *'])
      .describe('When serve does it, if enabled.'),
    timezone: timeZone.optional().describe('The time zone of cron. Default: that of the default schedule.'),
    batch: z
      .number()
      .int()
      .min(1)
      .max(2000)
      .default(200)
      .describe('The most messages that one transaction deletes.'),
    pause: z
      .number()
      .min(0)
      .max(1000)
      .default(3)
      .describe(
        'How many times as long as it worked on a batch it then rests, so that amavisd does not notice it.',
      ),
  }),

  audit: section({
    keepFor: duration('365d', '1d', '3650d').describe(
      'How long the audit remembers who changed and released what, and who was refused.',
    ),
  }),

  quarantine: section({
    headers: z
      .boolean()
      .default(false)
      .describe(
        'true: readers may look at the headers of their held messages too, from the sender on. Admins with `download` always may.',
      ),
    mostOctets: z
      .number()
      .int()
      .min(100_000)
      .max(100_000_000)
      .default(50_000_000)
      .describe(
        'The largest held message that is shown, in octets. Of a larger one, only what is known about it is shown. Two are in memory at once, each of them twice.',
      ),
  }).describe('How held messages are shown.'),

  mailzu: section({
    redirects: z
      .boolean()
      .default(false)
      .describe(
        'true: addresses of Mailzu below /mailzu lead to the pages that have replaced them. Let your web server pass /mailzu on.',
      ),
  }).describe('For who moves from Mailzu.'),

  brand: section({
    name: z
      .string()
      .refine(text => brandName(text) !== '', 'expected a name that can be seen')
      .optional()
      .describe(
        "Whose mails and pages these are, e.g. Example Ltd: shown in the From of mails if smtp.from has no name of its own, above each digest's title, and on every page. At most 60 characters of it are shown.",
      ),
    logo: z
      .string()
      .optional()
      .describe(
        'A PNG, JPEG or GIF file of at most 20,000 octets, which each digest carries and shows above its title, up to 200 x 40 pixels. Default: none.',
      ),
    colour: z
      .string()
      .superRefine((text, context) => {
        const fault = colourFault(text)
        if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
      })
      .optional()
      .describe(
        'The colour of buttons, links and headings, such as "#0b6b57" (quoted, because # begins a comment). White text on it must be readable; a lighter shade for dark mode is made of it.',
      ),
  }).describe('What readers recognise your mails and pages by.'),

  templates: section({
    folder: z
      .string()
      .optional()
      .describe('A folder of your own templates and locales. Each file in it replaces ours.'),
  }),

  log: section({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('The lowest level that is logged.'),
    format: z
      .enum(['json', 'text'])
      .optional()
      .describe(
        'json: one JSON object a line. text: time, level, message and name=value. Default: text on a terminal, json elsewhere. Under systemd, each line has its priority, for journalctl -p err.',
      ),
  }),

  shutdown: section({
    grace: duration('40s').describe(
      'How long running work may take to finish after SIGTERM. It must be more than release.timeout.',
    ),
  }),

  admins: z
    .array(
      z.union([
        address.transform(text => ({ address: text })),
        z
          .strictObject({
            address,
            domains: domains().optional(),
            download: z.boolean().optional(),
            role: z.enum(['admin', 'helpDesk']).optional(),
            release: z.boolean().optional(),
            requests: z.boolean().optional(),
          })
          .superRefine(rightsOfRole),
      ]),
    )
    .default([])
    .superRefine(eachAdminOnce)
    .describe(
      'Who may sign in to the admin page. An address alone may do everything; { address: …, domains: [example.com] } sees these domains only. Each digest names the first one, whose role is not helpDesk, for questions. download: true lets an admin get held messages and their attachments as files; without it, admins of all domains may, and admins of some may not. requests: false: no mail comes when readers ask for messages. role: helpDesk: sees what the readers of these domains see, and nothing else; release: true lets it release for them.',
    ),
})

/** The configuration as the program sees it: defaults filled in, spans of time in milliseconds. */
export type Config = Readonly<z.output<typeof configSchema>>

export type ConfigInput = z.input<typeof configSchema>

function database(example: string) {
  return secretUrlOf(['mysql', 'mariadb', 'postgres', 'postgresql', 'sqlite'], example, { query: true })
}

function databaseConnections() {
  return z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe(
      'The most connections that each process opens to this database. All processes together need no more than the server and the user are allowed.',
    )
}

function releaseUrl() {
  return urlOf(['tcp', 'unix', 'exec'], 'tcp://127.0.0.1:9998').refine(
    text => !/^(?:unix|exec):\/\/[^/]/.test(text),
    'expected an absolute path, such as unix:///var/lib/amavis/amavisd.sock',
  )
}

function hostNames(hosts: Readonly<Record<string, string>>, context: z.RefinementCtx): void {
  const seen = new Set<string>()
  for (const host of Object.keys(hosts)) {
    const isName = /^[A-Za-z0-9_.-]+$/.test(host)
    if (!isName)
      context.addIssue({ code: 'custom', path: [host], message: 'expected a host name before the URL' })
    const name = host.toLowerCase().replace(/\.$/, '')
    if (seen.has(name)) context.addIssue({ code: 'custom', path: [host], message: 'expected each host once' })
    seen.add(name)
  }
}

function redisHasUrl(
  queue: { readonly kind: string; readonly url?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (queue.kind !== 'redis' || queue.url !== undefined) return
  context.addIssue({
    code: 'custom',
    path: ['url'],
    message: 'expected a URL such as redis://127.0.0.1:6379, because queue.kind is redis',
  })
}

function domains() {
  return z
    .array(
      z.string().transform((text, context) => {
        const domain = domainName(text)
        if (domain !== undefined) return domain
        context.addIssue({
          code: 'custom',
          message: 'expected a domain such as example.com (a subdomain counts separately)',
        })
        return z.NEVER
      }),
    )
    .min(1)
    .max(MAX_DOMAINS)
}

/** What one role has no use for would look as if it did something. */
function rightsOfRole(
  admin: {
    readonly role?: 'admin' | 'helpDesk' | undefined
    readonly release?: boolean | undefined
    readonly download?: boolean | undefined
    readonly requests?: boolean | undefined
  },
  context: z.RefinementCtx,
): void {
  const refuse = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
  if (admin.role === 'helpDesk') {
    for (const key of ['download', 'requests'] as const)
      if (admin[key] !== undefined)
        refuse(key, 'expected nothing here: the help desk sees what readers see, and decides nothing')
  } else if (admin.release !== undefined) {
    refuse(
      'release',
      'expected nothing here: only with role: helpDesk it says something, for admins may release',
    )
  }
}

function eachAdminOnce(admins: readonly { readonly address: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>()
  for (const [index, { address: written }] of admins.entries()) {
    const admin = readerAddress(written) ?? written
    if (seen.has(admin))
      context.addIssue({
        code: 'custom',
        path: [index],
        message: `expected each admin once, found ${admin} twice`,
      })
    seen.add(admin)
  }
}

function keptFor(example: string) {
  return optionalDuration(example, '1h', '3650d')
}

function count(defaultValue: number) {
  return z.number().int().min(1).default(defaultValue)
}

function oneDefault(
  schedules: readonly { readonly name: string; readonly default: boolean }[],
  context: z.RefinementCtx,
): void {
  const names = schedules.map(schedule => schedule.name)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated)
    context.addIssue({ code: 'custom', message: `expected different names, found ${repeated} twice` })
  if (schedules.filter(schedule => schedule.default).length !== 1) {
    context.addIssue({ code: 'custom', message: 'expected exactly one schedule with default: true' })
  }
}
