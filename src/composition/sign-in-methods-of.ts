import type { Config } from '../ground/config/schema.ts'
import { connect } from '../ground/database/connect.ts'
import { CodedError } from '../ground/errors.ts'
import { ispconfigSignIn } from '../ground/sign-in/ispconfig/ispconfig-sign-in.ts'
import type { IspconfigSignInTables } from '../ground/sign-in/ispconfig/tables.ts'
import { ldapSignIn } from '../ground/sign-in/ldap/ldap-sign-in.ts'
import type { PasswordMethod, RedirectMethod } from '../ground/sign-in/methods.ts'
import { oidcSignIn } from '../ground/sign-in/oidc/oidc-sign-in.ts'
import { passwordChecks } from '../ground/sign-in/password-hash/password-checks.ts'

/** The ways to sign in that ask a server, besides IMAP. */
export interface SignInMethods {
  /** In the order in which they are asked. */
  readonly passwords: readonly PasswordMethod[]
  readonly provider: RedirectMethod | undefined
}

/**
 * The ways to sign in that the configuration asks for. Connections are made on first use.
 *
 * @throws CodedError CONFIG_INVALID
 */
export function signInMethodsOf(
  { signIn, directory }: Pick<Config, 'signIn' | 'directory'>,
  stack: AsyncDisposableStack,
): SignInMethods {
  const { ldap, ispconfig, oidc, timeout } = signIn
  return {
    passwords: [
      ...(ldap ? [ldapSignIn({ ...ldap, timeout })] : []),
      ...(ispconfig ? [ispconfigPassword(directory, timeout, stack)] : []),
    ],
    provider: oidc && oidcSignIn({ ...oidc, timeout }),
  }
}

function ispconfigPassword(
  { kind, url, servers, timeout: statementTimeout }: Config['directory'],
  timeout: number,
  stack: AsyncDisposableStack,
): PasswordMethod {
  if (kind !== 'ispconfig' || url === undefined)
    throw new CodedError(
      'CONFIG_INVALID',
      'signIn.ispconfig: expected false, unless directory.kind is ispconfig',
    )
  const options = { connections: CONNECTIONS, isReadOnly: true, statementTimeout }
  const database = stack.use(connect<IspconfigSignInTables>('directory', url, options))
  return ispconfigSignIn({ database, checks: stack.use(passwordChecks()) }, { servers, timeout })
}

/** Looking a mailbox up takes milliseconds, its password longer. */
const CONNECTIONS = 2
