import type { Logger } from 'pino'
import { recordAudit } from '../audit/record.ts'
import { inTransaction } from '../database/transaction.ts'
import type { SignInLimits } from './limits.ts'
import { type UnusedLinks, unusedLinks } from './mailed-links.ts'
import type { MethodKind } from './methods.ts'
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
  signInBy,
} from './sign-in.ts'

/** How people of one kind sign in and out, for the pages that let them. */
export interface SignIns<Person extends SignedIn> extends AsyncDisposable {
  /** The limits that determine the lifetimes of cookies. */
  readonly limits: SignInLimits
  /** Returns at once, so that the time it takes reveals nothing about who may sign in. */
  askForLink(request: LinkRequest): void
  /** @throws CodedError SIGN_IN_FAILED */
  openLink(token: string, browser: string): Promise<void>
  /** @returns the id of the session. @throws CodedError SIGN_IN_FAILED */
  signIn(token: string, browser: string, from: Parameters<typeof signIn>[3]): Promise<string>
  /** Begins a session of a person whom a server has vouched for. @returns the id of the session */
  signInBy(person: Person, method: MethodKind, from: Parameters<typeof signIn>[3]): Promise<string>
  /** The person whom a server vouches for by these addresses; undefined if it is none, or not one. */
  vouchedFor(addresses: readonly string[]): Promise<Person | undefined>
  /** The person whose session it is; undefined when it is over, or of another kind. */
  personOf(session: string): Promise<Person | undefined>
  /** The links that were mailed to a person within a day and that nobody has used. */
  unusedLinks(person: Person): Promise<UnusedLinks>
  signOut(session: string, person: Person, remoteAddress: string): Promise<void>
  /** Ends the person's sessions on all devices, and also the links that have not been used. */
  signOutEverywhere(person: Person, remoteAddress: string): Promise<void>
}

/** Makes links one after the other, so that a flood of requests neither takes all connections nor exceeds the limit. */
export function createSignIns<Person extends SignedIn>(deps: SignInDeps<Person>): SignIns<Person> {
  let requests: Promise<void> = Promise.resolve()
  let waiting = 0
  return {
    limits: deps.limits,
    askForLink(request) {
      if (waiting >= deps.limits.waitingRequests) {
        const { kind } = deps.people
        const { remoteAddress } = request
        deps.refusals.add({ what: 'sign-in-link', kind, outcome: 'too-many-at-once', remoteAddress })
        return
      }
      waiting += 1
      requests = requests
        .then(() => askForLink(deps, request))
        .catch(logFailure(deps.log))
        .finally(() => {
          waiting -= 1
        })
    },
    openLink: (token, browser) => openLink(deps, token, browser),
    signIn: (token, browser, from) => signIn(deps, token, browser, from),
    signInBy: (person, method, from) => signInBy(deps, person, method, from),
    vouchedFor: async addresses => deps.people.vouchedFor(addresses),
    personOf: session => personOfSession(deps, session),
    unusedLinks: person => unusedLinks(deps.state, person, deps.clock()),
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
        await endLinksOf({ ...deps, state }, person)
        await recordAudit(state, { ...signedOut(person, remoteAddress), detail: 'everywhere' }, deps.clock())
      }),
    [Symbol.asyncDispose]: () => requests,
  }
}

const signedOut = (person: SignedIn, remoteAddress: string) =>
  ({ actor: actorOf(person, remoteAddress), action: 'sign-out', outcome: 'done' }) as const

const logFailure = (log: Logger) => (error: unknown) =>
  log.error({ err: error }, 'a sign-in link could not be made')
