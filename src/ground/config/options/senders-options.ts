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
  timeout: duration('5s', '100ms', '1m').describe('How long to wait for an answer.'),
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
}).describe('Senders that are always let through, or always held.')
