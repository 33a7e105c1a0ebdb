import { z } from 'zod'
import { duration, secretUrlOf, section } from './fields.ts'

const ISPCONFIG_URL = 'mysql://digest_senders:PASSWORD@127.0.0.1:3306/dbispconfig'

/** Where allow and block entries are written, so that amavisd follows them. */
export const sendersOptions = section({
  kind: z
    .enum(['none', 'ispconfig-api', 'ispconfig', 'amavis'])
    .default('none')
    .describe(
      "Where senders are allowed and blocked. ispconfig-api: by the remote API of ISPConfig's panel. ispconfig: in ISPConfig's tables, for a single server only. amavis: amavisd's own tables users, mailaddr and wblist.",
    ),
  url: secretUrlOf(['mysql', 'mariadb', 'postgres', 'postgresql', 'sqlite', 'https', 'http'], ISPCONFIG_URL, {
    query: true,
  })
    .optional()
    .describe(
      "The database or, for ispconfig-api, the panel's address such as https://panel.example.com:8080. amavis: by default the database of storage.url.",
    ),
  user: z.string().min(1).optional().describe('ispconfig-api: the remote user.'),
  password: z
    .string()
    .meta({ secret: true })
    .optional()
    .describe("ispconfig-api: the remote user's password."),
  caFile: z
    .string()
    .optional()
    .describe("ispconfig-api: PEM file of certificate authorities. By default the system's are trusted."),
  timeout: duration('5s', '100ms', '1m').describe(
    'How long to wait for a list, and as long again for a change to it.',
  ),
  readers: z
    .boolean()
    .default(true)
    .describe('false: only admins allow and block senders. true: readers do so for their own mail too.'),
  most: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('The most entries that one address may have.'),
})
  .superRefine(kindHasItsOptions)
  .describe('Senders that are always let through, or always held.')

interface Options {
  readonly kind: string
  readonly url?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly caFile?: string | undefined
}

function kindHasItsOptions({ kind, ...options }: Options, context: z.RefinementCtx): void {
  const fault = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
  const { url } = options
  // The remote user may change everything in the panel.
  if (url?.startsWith('http:') && !/^http:\/\/(?:localhost|127\.[\d.]+|\[::1\])(?=[:/]|$)/i.test(url))
    fault('url', 'expected https://, because a password would be sent to another machine unencrypted')
  const isPanel = url !== undefined && /^https?:/.test(url)
  const because = `because senders.kind is ${kind}`
  if (kind === 'ispconfig-api') {
    if (!isPanel)
      fault('url', `expected the panel's address, such as https://panel.example.com:8080, ${because}`)
    if (options.user === undefined) fault('user', `expected a remote user of ISPConfig, ${because}`)
    if (options.password === undefined) fault('password', `expected the remote user's password, ${because}`)
    return
  }
  if (kind === 'ispconfig' && (url === undefined || !/^(?:mysql|mariadb):/.test(url)))
    fault('url', `expected a URL such as ${ISPCONFIG_URL}, ${because}`)
  else if (isPanel && kind === 'amavis') fault('url', `expected the URL of a database, ${because}`)
  if (kind === 'none') return
  for (const key of ['user', 'password', 'caFile'] as const)
    if (options[key] !== undefined) fault(key, `expected nothing here, ${because}: it is for ispconfig-api`)
}
