import { CodedError } from '../../errors.ts'
import { type Account, accountOf } from '../../files/accounts.ts'

/** A program with its arguments, and the home of the user as whom it runs. */
export interface Invocation {
  readonly program: string
  readonly args: readonly string[]
  readonly home: string
}

/**
 * How to run a command as a user: as root by setpriv(1), which also sets the user's groups, else by sudo(8), which never
 * asks for a password.
 *
 * @param user undefined: the user as whom this program runs
 * @param self that user's number
 * @throws CodedError LEARN_FAILED when there is no such user
 */
export function invocationAs(
  user: string | undefined,
  command: string,
  args: readonly string[],
  self = process.geteuid?.() ?? 0,
): Invocation {
  const account = accountOf(user ?? self)
  if (user === undefined || account?.uid === self) return { program: command, args, home: homeOf(account) }
  if (!account)
    throw new CodedError('LEARN_FAILED', `learn.user: this machine has no user ${user} in /etc/passwd.`)
  const home = homeOf(account)
  if (self !== 0) return { program: 'sudo', args: ['-n', '-H', '-u', user, '--', command, ...args], home }
  const ids = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--init-groups']
  return { program: 'setpriv', args: [...ids, '--', command, ...args], home }
}

const homeOf = (account: Account | undefined): string => account?.home || '/'
