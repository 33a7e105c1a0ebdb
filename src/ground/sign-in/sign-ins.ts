import type { Logger } from 'pino'
import type { Admin } from '../../rules/reach/admins.ts'
import { recordAudit } from '../audit/record.ts'
import { inTransaction } from '../database/transaction.ts'
import { adminOfSession, endSession, endSessionsOf } from './sessions.ts'
import {
  actorOf,
  askForLink,
  endLinksOf,
  type LinkRequest,
  openLink,
  type SignInDeps,
  signIn,
} from './sign-in.ts'

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
  /** On all devices; a link that was asked for and not used ends, too. */
  signOutEverywhere(admin: Admin, remoteAddress: string): Promise<void>
}

/** Links are asked for one after the other, so that a flood of requests neither takes all connections nor passes the limit. */
export function createSignIns(deps: SignInDeps): SignIns {
  let asked: Promise<void> = Promise.resolve()
  let waiting = 0
  return {
    askForLink(request) {
      if (waiting >= MOST_WAITING) {
        deps.log.warn(
          { remoteAddress: request.remoteAddress },
          'too many sign-in links are asked for at once',
        )
        return
      }
      waiting += 1
      asked = asked
        .then(() => askForLink(deps, request))
        .catch(complaint(deps.log))
        .finally(() => {
          waiting -= 1
        })
    },
    openLink: (token, browser) => openLink(deps, token, browser),
    signIn: (token, browser, from) => signIn(deps, token, browser, from),
    adminOf: session => adminOfSession(deps, session),
    signOut: (session, admin, remoteAddress) =>
      inTransaction(deps.state, async sql => {
        const state = { ...deps.state, sql }
        await endSession({ state }, session)
        await recordAudit(state, signedOut(admin, remoteAddress), deps.clock())
      }),
    signOutEverywhere: (admin, remoteAddress) =>
      inTransaction(deps.state, async sql => {
        const state = { ...deps.state, sql }
        await endSessionsOf({ state }, admin)
        await endLinksOf({ state }, admin)
        await recordAudit(state, { ...signedOut(admin, remoteAddress), detail: 'everywhere' }, deps.clock())
      }),
    [Symbol.asyncDispose]: () => asked,
  }
}

const signedOut = (admin: Admin, remoteAddress: string) =>
  ({ actor: actorOf(admin, remoteAddress), action: 'sign-out', outcome: 'done' }) as const

/** Requests that are held in memory while the mail server or the database is slow. */
const MOST_WAITING = 100

const complaint = (log: Logger) => (error: unknown) =>
  log.error({ err: error }, 'a sign-in link could not be made')
