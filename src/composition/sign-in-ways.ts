import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { type ProxyHeader, proxyHeader } from '../doors/http/session/proxy-header.ts'
import type { SignInWays } from '../doors/http/session/sign-in-door.ts'
import type { Config } from '../ground/config/schema.ts'
import type { Database } from '../ground/database/database.ts'
import { CodedError } from '../ground/errors.ts'
import type { Check } from '../ground/health/check.ts'
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
  const authorities = authoritiesIn('signIn.imap.caFile', imap?.caFile)
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
  return imap
    ? [imapMethod({ ...imap, timeout, authorities: authoritiesIn('signIn.imap.caFile', imap.caFile) })]
    : []
}

/** Reads the file now, to find out whether it can be read, and each time, because certificates are renewed. */
function authoritiesIn(option: string, file: string | undefined): () => string | undefined {
  if (file === undefined) return () => undefined
  const read = () => readFileSync(file, 'utf8')
  try {
    read()
    return read
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('CONFIG_INVALID', `${option}: cannot be read: ${reason}`)
  }
}
