import type { Logger } from 'pino'
import { type ProxyHeader, proxyHeader } from '../doors/http/session/proxy-header.ts'
import type { SignInWays } from '../doors/http/session/sign-in-door.ts'
import type { Config } from '../ground/config/schema.ts'
import type { Database } from '../ground/database/database.ts'
import type { Check } from '../ground/health/check.ts'
import { trustedAuthorities } from '../ground/network/authorities.ts'
import { imapMethod } from '../ground/sign-in/imap/imap-method.ts'
import type { PasswordMethod, RedirectMethod } from '../ground/sign-in/methods.ts'
import { createPasswords } from '../ground/sign-in/passwords.ts'
import { newSecret } from '../ground/sign-in/secret.ts'
import type { StateTables } from '../ground/state/state-tables.ts'
import { signInChecks } from '../work/doctor/sign-in-checks.ts'
import { signInMethodsOf } from './sign-in-methods-of.ts'

export interface SignInWaysDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly log: Logger
  readonly stack: AsyncDisposableStack
}

export interface Ways {
  readonly ways: SignInWays
  readonly proxyHeader: ProxyHeader | undefined
}

/** By what readers and admins may sign in, as the configuration says. */
export function signInWaysOf(
  config: Config,
  deps: SignInWaysDeps,
): { readonly readers: Ways; readonly admins: Ways } {
  const { signIn } = config
  const { passwords: others, provider: redirect } = signInMethodsOf(config, deps.stack)
  const methods = [...imapMethods(signIn), ...others]
  const isForAdmins = ({ kind }: PasswordMethod | RedirectMethod) => signIn.admins.includes(kind)
  const passwords = (ofThese: readonly PasswordMethod[]) =>
    createPasswords({ ...deps, methods: ofThese, timeout: signIn.timeout })
  const header = signIn.header && proxyHeader(signIn.header, deps.log)
  return {
    readers: {
      ways: { link: signIn.link, passwords: passwords(methods), redirect },
      proxyHeader: header,
    },
    admins: {
      ways: {
        link: true,
        passwords: passwords(methods.filter(isForAdmins)),
        redirect: redirect && isForAdmins(redirect) ? redirect : undefined,
      },
      proxyHeader: signIn.admins.includes('header') ? header : undefined,
    },
  }
}

/** What doctor looks at. */
export function signInChecksOf({ signIn, publicUrl }: Config): readonly Check[] {
  const { imap } = signIn
  const urls = imap ? [...new Set([imap.url, ...Object.values(imap.domains ?? {})])] : []
  const authorities = imapAuthorities(imap)
  const stranger = { name: 'amavis-digest@doctor.invalid', password: newSecret(), remoteAddress: '127.0.0.1' }
  return signInChecks({
    publicUrl,
    takesPasswords: imap !== undefined || signIn.ldap !== undefined || signIn.ispconfig,
    imap: urls.map(url => ({
      url,
      ask: signal => imapMethod({ url, authorities, timeout: signIn.timeout }).check(stranger, signal),
    })),
  })
}

function imapMethods({ imap, timeout }: Config['signIn']): PasswordMethod[] {
  return imap ? [imapMethod({ ...imap, timeout, authorities: imapAuthorities(imap) })] : []
}

const imapAuthorities = (imap: Config['signIn']['imap']) =>
  trustedAuthorities(imap?.caFile, 'signIn.imap.caFile')
