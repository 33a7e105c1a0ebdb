import type { Logger } from 'pino'
import type { SignInLink } from '../doors/app.ts'
import type { Actor } from '../ground/audit/record.ts'
import type { Refusals } from '../ground/audit/refusals.ts'
import type { Config } from '../ground/config/schema.ts'
import type { Database } from '../ground/database/database.ts'
import { DAY, HOUR, MINUTE } from '../ground/durations.ts'
import { CodedError } from '../ground/errors.ts'
import type { Locales } from '../ground/i18n/locales.ts'
import type { Mailer } from '../ground/mail/mailer.ts'
import type { PlainMail } from '../ground/mail/plain-mail.ts'
import type { SignInLimits } from '../ground/sign-in/limits.ts'
import { mailLink } from '../ground/sign-in/mail-link.ts'
import type { People } from '../ground/sign-in/people.ts'
import { printLink } from '../ground/sign-in/sign-in.ts'
import { createSignIns, type SignIns } from '../ground/sign-in/sign-ins.ts'
import type { StateTables } from '../ground/state/state-tables.ts'
import { type Admin, adminsOf } from '../rules/reach/admins.ts'
import type { Reader } from '../rules/reach/readers.ts'

export interface SignInsDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly log: Logger
  readonly refusals: Pick<Refusals, 'add' | 'log'>
  readonly mailer: () => Mailer
  readonly plainMail: () => PlainMail
  readonly locales: Locales
  /** The time zone of the times in the mails. */
  readonly timeZone: string
}

/** Lets the admins of the configuration sign in, if there are any. */
export function signInsOf(config: Config, deps: SignInsDeps): SignIns<Admin> | undefined {
  if (config.admins.length === 0) return undefined
  const { publicUrl } = config
  if (publicUrl.startsWith('http:') && !LOOPBACK.test(new URL(publicUrl).hostname)) deps.log.warn(UNSAFE)
  return createSignIns({
    ...deps,
    people: adminsOf(config.admins),
    limits: SIGN_IN_LIMITS,
    mailLink: mail => mailLink({ ...deps, publicUrl, path: SIGN_IN_PATH, words: ADMIN_WORDS }, mail),
  })
}

/** Lets the readers of the directory sign in. */
export function readerSignInsOf(config: Config, deps: SignInsDeps, people: People<Reader>): SignIns<Reader> {
  const { publicUrl } = config
  return createSignIns({
    ...deps,
    people,
    limits: SIGN_IN_LIMITS,
    mailLink: mail => mailLink({ ...deps, publicUrl, path: '/sign-in', words: READER_WORDS }, mail),
  })
}

/**
 * Makes a sign-in link for an admin, for the command line.
 *
 * @throws CodedError USAGE for an address that is not an admin's
 */
export async function adminLink(
  config: Config,
  deps: Pick<SignInsDeps, 'state' | 'clock'>,
  by: Actor,
  address: string,
): Promise<SignInLink> {
  const people = adminsOf(config.admins)
  const link = await printLink({ ...deps, people, limits: SIGN_IN_LIMITS }, by, address)
  if (link) {
    const { person, token, expiresAt } = link
    return { admin: person.address, url: `${config.publicUrl}${SIGN_IN_PATH}/${token}`, expiresAt }
  }
  throw new CodedError(
    'USAGE',
    `${JSON.stringify(address.slice(0, 320))} is not an admin's address. Name it under "admins" in the configuration, and restart the service.`,
  )
}

const SIGN_IN_PATH = '/admin/sign-in'

/**
 * Two of these are repeated in sentences of the locale files: how long a link works (`mail.signIn`, `mail.readerSignIn`,
 * `page.problem.signInFailed`) and how many links one browser gets (`admin.signIn`, `reader.signIn`).
 */
export const SIGN_IN_LIMITS: SignInLimits = {
  linkLifetime: 15 * MINUTE,
  knownFor: 180 * DAY,
  sessionLifetime: 12 * HOUR,
  idle: 2 * HOUR,
  unusedLinks: { ofBrowser: 3, beforeStrangers: 7, ofAll: 10 },
  ofNetwork: { atOnce: 3, firstWait: 15 * MINUTE, longestWait: 8 * HOUR },
  waitingRequests: 100,
}

const ADMIN_WORDS = {
  subject: 'mail.signIn.subject',
  what: 'mail.signIn.what',
  browser: 'mail.signIn.browser',
  button: 'mail.signIn.button',
  asked: 'mail.signIn.asked',
  notYou: 'mail.signIn.notYou',
} as const

const READER_WORDS = {
  ...ADMIN_WORDS,
  subject: 'mail.readerSignIn.subject',
  what: 'mail.readerSignIn.what',
} as const

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

const UNSAFE =
  'publicUrl is http: an eavesdropper can take over an admin session. Use https, except for a test.'
