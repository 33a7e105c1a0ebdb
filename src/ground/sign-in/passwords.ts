import type { Logger } from 'pino'
import { Gate } from '../concurrency/gate.ts'
import { type AttemptDeps, type AttemptRequest, beginAttempt, endAttempt } from './attempts.ts'
import type { Credentials, MethodKind, PasswordMethod, Verdict } from './methods.ts'

/** Checks passwords by asking the servers that know them, within limits. */
export interface Passwords {
  /** A password is neither kept nor logged, and no error holds it. */
  check(request: PasswordRequest): Promise<PasswordAnswer>
}

export interface PasswordRequest extends AttemptRequest {
  readonly password: string
}

export type PasswordAnswer =
  | { readonly is: 'accepted'; readonly by: MethodKind; readonly addresses: readonly string[] }
  | { readonly is: 'refused' | 'unreachable' | 'too-many' }

export interface PasswordDeps extends AttemptDeps {
  /** They are asked one after the other, until one accepts. */
  readonly methods: readonly PasswordMethod[]
  readonly log: Logger
  /** How long an answer may take, in milliseconds, with the wait for a free place. */
  readonly timeout: number
}

/**
 * @returns undefined if there is no server to ask
 */
export function createPasswords(deps: PasswordDeps): Passwords | undefined {
  if (deps.methods.length === 0) return undefined
  const gates = { strangers: new Gate(AT_ONCE.strangers), known: new Gate(AT_ONCE.known) }
  return {
    async check(request) {
      const credentials = credentialsOf(request)
      if (!credentials) return { is: 'refused' }
      const attempt = await beginAttempt(deps, request)
      if (!attempt) return { is: 'too-many' }
      const gate = attempt.isKnown ? gates.known : gates.strangers
      const until = performance.now() + deps.timeout
      const signal = AbortSignal.timeout(deps.timeout)
      const answer = await gate
        .run(() => askAll(deps, credentials, { signal, until }), signal)
        .catch((error: unknown) => withoutAnswer(deps, error, signal))
      await endAttempt(deps, attempt, OUTCOMES[answer.is])
      return answer
    },
  }
}

/** Connections to the servers at once. Strangers cannot take the places of those who have signed in before. */
const AT_ONCE = { strangers: 3, known: 3 }

const OUTCOMES = { accepted: 'accepted', refused: 'refused', unreachable: 'unanswered' } as const

/** What a server may be asked about; undefined for what cannot be right. An LDAP server takes an empty password for a stranger's. */
function credentialsOf({ name, password, remoteAddress }: PasswordRequest): Credentials | undefined {
  const trimmed = name.trim()
  const isFit =
    trimmed !== '' &&
    trimmed.length <= 255 &&
    !CONTROL.test(trimmed) &&
    password !== '' &&
    password.length <= 1000 &&
    !password.includes('\0')
  return isFit ? { name: trimmed, password, remoteAddress } : undefined
}

const CONTROL = /\p{Cc}/u

/** Where one server refuses and another cannot be asked, nobody can tell whether the password is right. */
async function askAll(deps: PasswordDeps, credentials: Credentials, { signal, until }: Patience) {
  let isSure = true
  for (const [index, method] of deps.methods.entries()) {
    const share = (until - performance.now()) / (deps.methods.length - index)
    const verdict = await askWithin(method, credentials, { signal, share })
    if (verdict.outcome === 'accepted')
      return {
        is: 'accepted',
        by: method.kind,
        addresses: verdict.addresses.slice(0, MOST_ADDRESSES),
      } as const
    if (verdict.outcome === 'away') isSure = false
    tell(deps.log, method.kind, verdict)
  }
  return { is: isSure ? 'refused' : 'unreachable' } as const
}

const MOST_ADDRESSES = 20

interface Patience {
  readonly signal: AbortSignal
  /** When the answer has to be there, by `performance.now()`. */
  readonly until: number
}

/** Asks one server for its share of the time, so that one that hangs leaves some for the next. */
async function askWithin(
  method: PasswordMethod,
  credentials: Credentials,
  { signal, share }: { readonly signal: AbortSignal; readonly share: number },
): Promise<Verdict> {
  const limit = AbortSignal.timeout(Math.max(0, Math.floor(share)))
  try {
    return await method.check(credentials, AbortSignal.any([signal, limit]))
  } catch (error) {
    if (limit.aborted && !signal.aborted) return { outcome: 'away', why: 'no answer in time' }
    throw error
  }
}

/** The reader learns only that it did not work: the rest is for the admin. */
function tell(log: Logger, method: MethodKind, verdict: Verdict): void {
  if (verdict.outcome === 'away')
    log.warn({ method, why: verdict.why }, 'a password could not be checked: the server cannot be asked')
  if (verdict.outcome === 'unsupported')
    log.warn(
      { method, why: verdict.why },
      'a password could not be checked: use signIn.imap for this mailbox',
    )
}

/** What a method throws may hold what it was given: only its name is logged. */
function withoutAnswer(
  { log }: PasswordDeps,
  error: unknown,
  signal: AbortSignal,
): { readonly is: 'unreachable' } {
  const why = signal.aborted ? 'no answer in time' : error instanceof Error ? error.name : 'unknown'
  log.warn({ why }, 'a password could not be checked')
  return { is: 'unreachable' }
}
