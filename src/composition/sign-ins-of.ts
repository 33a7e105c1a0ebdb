import type { Logger } from 'pino'
import type { Config } from '../ground/config/schema.ts'
import type { Database } from '../ground/database/database.ts'
import type { Locales } from '../ground/i18n/locales.ts'
import type { Mailer } from '../ground/mail/mailer.ts'
import type { PlainMail } from '../ground/mail/plain-mail.ts'
import { mailLink } from '../ground/sign-in/mail-link.ts'
import { createSignIns, type SignIns } from '../ground/sign-in/sign-ins.ts'
import type { StateTables } from '../ground/state/state-tables.ts'
import { adminsOf } from '../rules/reach/admins.ts'

export interface SignInsDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly log: Logger
  readonly mailer: () => Mailer
  readonly plainMail: () => PlainMail
  readonly locales: Locales
  /** In which admins are told times. */
  readonly timeZone: string
}

/** Lets the admins of the configuration sign in, if there are any. */
export function signInsOf(config: Config, deps: SignInsDeps): SignIns | undefined {
  if (config.admins.length === 0) return undefined
  const { publicUrl } = config
  if (publicUrl.startsWith('http:') && !LOOPBACK.test(new URL(publicUrl).hostname)) deps.log.warn(UNSAFE)
  return createSignIns({
    ...deps,
    admins: adminsOf(config.admins),
    mailLink: mail => mailLink({ ...deps, publicUrl }, mail),
  })
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

const UNSAFE =
  'publicUrl is http: whoever can listen on the way can take over the session of an admin. Use https: outside of a test.'
