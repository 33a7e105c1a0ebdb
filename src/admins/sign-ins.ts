import type { Logger } from 'pino'
import { recordAudit } from '../audit/record.ts'
import type { Admin } from './admins.ts'
import { adminOfSession, endSession, endSessionsOf } from './sessions.ts'
import { actorOf, askForLink, type LinkRequest, openLink, type SignInDeps, signIn } from './sign-in.ts'

/** How admins come in and go, for the page that lets them. */
export interface SignIns extends AsyncDisposable {
  /** Returns at once, so that nobody can tell by the time it takes who is an admin. */
  askForLink(request: LinkRequest): void
  /** @throws CodedError SIGN_IN_FAILED */
  openLink(token: string, browser: string): Promise<void>
  /** @returns the id of the session. @throws CodedError SIGN_IN_FAILED */
  signIn(token: string, browser: string, from: Parameters<typeof signIn>[3]): Promise<string>
  adminOf(session: string): Promise<Admin | undefined>
  signOut(session: string, admin: Admin, remoteAddress: string): Promise<void>
  signOutEverywhere(admin: Admin, remoteAddress: string): Promise<void>
}

/** Links are asked for one after the other, so that a flood of requests neither takes all connections nor passes the limit. */
export function createSignIns(deps: SignInDeps): SignIns {
  let asked: Promise<void> = Promise.resolve()
  const signedOut = (admin: Admin, remoteAddress: string, detail?: string) =>
    recordAudit(
      deps.state,
      {
        actor: actorOf(admin, remoteAddress),
        action: 'sign-out',
        outcome: 'done',
        ...(detail ? { detail } : {}),
      },
      deps.clock(),
    )
  return {
    askForLink(request) {
      asked = asked.then(() => askForLink(deps, request)).catch(complaint(deps.log))
    },
    openLink: (token, browser) => openLink(deps, token, browser),
    signIn: (token, browser, from) => signIn(deps, token, browser, from),
    adminOf: session => adminOfSession(deps, session),
    async signOut(session, admin, remoteAddress) {
      await endSession(deps, session)
      await signedOut(admin, remoteAddress)
    },
    async signOutEverywhere(admin, remoteAddress) {
      await endSessionsOf(deps, admin)
      await signedOut(admin, remoteAddress, 'everywhere')
    },
    [Symbol.asyncDispose]: () => asked,
  }
}

const complaint = (log: Logger) => (error: unknown) =>
  log.error({ err: error }, 'a sign-in link could not be made')
