import { unlessAborted } from '../../concurrency/unless-aborted.ts'
import type { Database } from '../../database/database.ts'
import { databaseAnswer } from '../../directory/database-answer.ts'
import { displayText } from '../../display/text.ts'
import { SECOND } from '../../durations.ts'
import type { Credentials, PasswordMethod, Verdict } from '../methods.ts'
import { type PasswordChecks, TooManyChecks } from '../password-hash/password-checks.ts'
import { type PasswordHash, readPasswordHash } from '../password-hash/password-hash.ts'
import { findMailbox } from './find-mailbox.ts'
import type { IspconfigSignInTables } from './tables.ts'

export interface IspconfigSignInSettings {
  /** The `server_id`s whose mailboxes may sign in; empty: all. */
  readonly servers: readonly number[]
  /** Milliseconds, for everything together. */
  readonly timeout: number
}

export interface IspconfigSignInDeps {
  /** ISPConfig's own (`dbispconfig`). SELECT on the columns of `IspconfigSignInTables` is all that it takes. */
  readonly database: Pick<Database<IspconfigSignInTables>, 'sql'>
  readonly checks: Pick<PasswordChecks, 'isPassword'>
}

/**
 * Signs in by the password of the mailbox in ISPConfig's tables. A name that no mailbox has takes as long as another:
 * the password is compared with a hash of nobody that costs as much as the last one that was somebody's.
 */
export function ispconfigSignIn(
  { database, checks }: IspconfigSignInDeps,
  { servers, timeout }: IspconfigSignInSettings,
): PasswordMethod {
  let nobodys = ISPCONFIG_HASH
  const verdictOn = async ({ name, password }: Credentials, limit: AbortSignal): Promise<Verdict> => {
    const mailbox = await databaseAnswer(TABLES, () =>
      unlessAborted(limit, findMailbox(database.sql, name, servers)),
    )
    const hash = mailbox && readPasswordHash(mailbox.password)
    if (hash !== undefined) nobodys = likeIt(hash)
    const isRight = await checks.isPassword(asFarAsRead(password), hash ?? nobodys, limit)
    if (mailbox === undefined) return REFUSED
    if (hash === undefined) return { outcome: 'unsupported', why: unsupported(mailbox.row) }
    return isRight && isPossible(password) ? { outcome: 'accepted', addresses: [mailbox.email] } : REFUSED
  }
  return {
    kind: 'ispconfig',
    async check(credentials, signal) {
      if (credentials.password === '') return REFUSED
      try {
        return await verdictOn(credentials, AbortSignal.any([signal, AbortSignal.timeout(timeout)]))
      } catch (error) {
        signal.throwIfAborted()
        return { outcome: 'away', why: whyAway(error, timeout) }
      }
    },
  }
}

const REFUSED: Verdict = { outcome: 'refused' }

const TABLES = 'directory.url has no tables of ISPConfig 3.2 or later'

/** As ISPConfig makes them. */
const ISPCONFIG_HASH: PasswordHash = {
  kind: 'sha512',
  rounds: 5000,
  salt: '0123456789abcdef',
  digest: '.'.repeat(86),
}

/** A hash that costs as much, and is nobody's. */
const likeIt = (hash: PasswordHash): PasswordHash =>
  hash.kind === 'bcrypt'
    ? { ...hash, text: `${hash.text.slice(0, '$2y$10$'.length)}${'.'.repeat(53)}` }
    : { ...hash, salt: ISPCONFIG_HASH.salt, digest: '.'.repeat(hash.digest.length) }

/** Octets. crypt(3) takes no longer passwords (`CRYPT_MAX_PASSPHRASE_SIZE`), so that nobody has one. */
const MAX_PASSWORD = 512

/** For crypt(3) a password ends at a NUL. */
const isPossible = (password: string): boolean =>
  Buffer.byteLength(password) <= MAX_PASSWORD && !password.includes('\0')

/** What is beyond would only cost time. */
const asFarAsRead = (password: string): string => password.slice(0, MAX_PASSWORD)

const unsupported = (row: string): string =>
  `signIn.ispconfig: ${row} has a password that is kept in another way than $5$, $6$ and bcrypt, or with too many rounds. Set signIn.imap, so that Dovecot checks it, or let its owner set a new one in ISPConfig.`

/** For the log. */
function whyAway(error: unknown, timeout: number): string {
  if (error instanceof TooManyChecks) return 'signIn.ispconfig: too many passwords are being checked.'
  if (!(error instanceof Error)) return 'signIn.ispconfig: an unknown failure.'
  if (error.name === 'TimeoutError') return `signIn.ispconfig: no answer within ${timeout / SECOND} s.`
  return `signIn.ispconfig: ${displayText(error.message, 500)} The account of directory.url needs SELECT on the columns that docs/guides/sign-in.md names.`
}
