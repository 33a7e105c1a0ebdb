import { isCertificateFault } from '../../ground/database/tls.ts'
import { SECOND } from '../../ground/durations.ts'
import { type Check, type Finding, fail, ok, warn } from '../../ground/health/check.ts'
import { isThisMachine } from '../../ground/network/this-machine.ts'
import type { Verdict } from '../../ground/sign-in/methods.ts'

/** One IMAP server that knows readers' passwords. */
export interface AskedServer {
  readonly url: string
  /** Asks it about somebody whom it cannot know. */
  readonly ask: (signal: AbortSignal) => Promise<Verdict>
}

export interface SignInCheckDeps {
  readonly publicUrl: string
  /** Whether people type a password on our pages. */
  readonly takesPasswords: boolean
  readonly imap: readonly AskedServer[]
}

/** How people sign in, besides by a link. */
export const signInChecks = ({ publicUrl, takesPasswords, imap }: SignInCheckDeps): readonly Check[] => [
  ...(takesPasswords ? [encryptedCheck(publicUrl)] : []),
  ...(imap.length > 0 ? [imapCheck(imap)] : []),
]

const encryptedCheck = (publicUrl: string): Check => ({
  id: 'sign-in.encrypted',
  run: async () => [encryption(new URL(publicUrl))],
})

function encryption({ protocol, hostname }: URL): Finding {
  if (protocol === 'https:') return ok('passwords reach us encrypted')
  if (isThisMachine(hostname)) return ok('passwords do not leave this machine')
  return warn(
    'publicUrl is http: whoever listens on the way reads the passwords that readers type',
    'Put a reverse proxy with TLS in front, and write https:// in publicUrl.',
  )
}

/** Not at the start of the service: each server logs a refused attempt. */
const imapCheck = (servers: readonly AskedServer[]): Check => ({
  id: 'sign-in.imap',
  isNoticed: true,
  async run(signal) {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])
    return Promise.all(servers.map(async ({ url, ask }) => findingOf(url, await ask(inTime))))
  },
})

/** Milliseconds. Less than a check has, so that the server is named. */
const PATIENCE = 8 * SECOND

function findingOf(url: string, verdict: Verdict): Finding {
  switch (verdict.outcome) {
    case 'refused':
      return ok(`${url} answers, and refuses a stranger`)
    case 'accepted':
      return fail(
        `${url} lets somebody in whom it cannot know`,
        'Let signIn.imap name the server that checks passwords. Until then, take signIn.imap out.',
      )
    default:
      return away(url, verdict.why)
  }
}

/** @param why a code of the network, of TLS or of the server, or words of ours */
function away(url: string, why: string): Finding {
  const cannotSignIn = `so nobody can sign in by it (${why})`
  if (isCertificateFault(why))
    return fail(
      `the certificate of ${url} cannot be trusted, ${cannotSignIn}`,
      "Let its certificate have the host's name, and let signIn.imap.caFile name the authority that signed it.",
      'SIGN_IN_UNREACHABLE',
    )
  if (/^E[A-Z_]+$/.test(why))
    return fail(
      `${url} cannot be reached, ${cannotSignIn}`,
      'Start the IMAP server, or correct the host and the port in signIn.imap.',
      'SIGN_IN_UNREACHABLE',
    )
  return fail(
    `${url} cannot be asked about passwords, ${cannotSignIn}`,
    'See its log. Does the port in signIn.imap speak IMAP: with TLS for imaps://, with STARTTLS for imap://?',
    'SIGN_IN_UNREACHABLE',
  )
}
