import type { Logger } from 'pino'
import { recordAudit } from '../audit/record.ts'
import { inTransaction } from '../database/transaction.ts'
import type { SignInLimits } from './limits.ts'
import type { SignedIn } from './people.ts'
import { endSession, endSessionsOf, personOfSession } from './sessions.ts'
import {
  actorOf,
  askForLink,
  endLinksOf,
  type LinkRequest,
  openLink,
  type SignInDeps,
  signIn,
} from './sign-in.ts'

/** How people of one kind sign in and out, for the pages that let them. */
export interface SignIns<Person extends SignedIn> extends AsyncDisposable {
  /** For the lifetimes of cookies. */
  readonly limits: SignInLimits
  /** Returns at once, so that nobody can tell by the time it takes who may sign in. */
  askForLink(request: LinkRequest): void
  /** @throws CodedError SIGN_IN_FAILED */
  openLink(token: string, browser: string): Promise<void>
  /** @returns the id of the session. @throws CodedError SIGN_IN_FAILED */
  signIn(token: string, browser: string, from: Parameters<typeof signIn>[3]): Promise<string>
  /** Whose session it is; undefined when it is over, or of another kind. */
  personOf(session: string): Promise<Person | undefined>
  signOut(session: string, person: Person, remoteAddress: string): Promise<void>
  /** On all devices. Links that were asked for and not used end, too. */
  signOutEverywhere(person: Person, remoteAddress: string): Promise<void>
}

/** Makes links one after the other, so that a flood of requests neither takes all connections nor passes the limit. */
export function createSignIns<Person extends SignedIn>(deps: SignInDeps<Person>): SignIns<Person> {
  let asked: Promise<void> = Promise.resolve()
  let waiting = 0
  return {
    limits: deps.limits,
    askForLink(request) {
      if (waiting >= deps.limits.waitingRequests) {
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
    personOf: session => personOfSession(deps, session),
    signOut: (session, person, remoteAddress) =>
      inTransaction(deps.state, async sql => {
        const state = { ...deps.state, sql }
        await endSession({ ...deps, state }, session)
        await recordAudit(state, signedOut(person, remoteAddress), deps.clock())
      }),
    signOutEverywhere: (person, remoteAddress) =>
      inTransaction(deps.state, async sql => {
        const state = { ...deps.state, sql }
        await endSessionsOf({ state }, person)
        await endLinksOf({ state }, person)
        await recordAudit(state, { ...signedOut(person, remoteAddress), detail: 'everywhere' }, deps.clock())
      }),
    [Symbol.asyncDispose]: () => asked,
  }
}

const signedOut = (person: SignedIn, remoteAddress: string) =>
  ({ actor: actorOf(person, remoteAddress), action: 'sign-out', outcome: 'done' }) as const

const complaint = (log: Logger) => (error: unknown) =>
  log.error({ err: error }, 'a sign-in link could not be made')
