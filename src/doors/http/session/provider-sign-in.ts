import type { Request, RequestHandler, Response, Router } from 'express'
import type { Logger } from 'pino'
import type { RedirectMethod, Verdict } from '../../../ground/sign-in/methods.ts'
import { refuseOtherMethods } from '../web/refuse-other-methods.ts'
import { ensureBrowserSecret } from './browser-secret.ts'
import { findSession } from './guard.ts'
import { ownPath } from './own-path.ts'
import { goTo, queryOf } from './redirect.ts'
import type { SignInDoor } from './sign-in.ts'

/** Why a sign-in at a provider came to nothing. The words of these are `reader.signIn.fault.*`. */
export type ProviderFault = 'refused' | 'unreachable' | 'nobody'

/** How people sign in by an OpenID provider. */
export interface ProviderDoor {
  readonly provider: RedirectMethod
  readonly log: Pick<Logger, 'warn'>
  /**
   * Begins a session for the one person whom these addresses lead to. The previous session of this browser ends.
   *
   * @returns the session's id; undefined if they lead to nobody, or to several
   */
  readonly enter: (
    addresses: readonly string[],
    from: { readonly session: string | undefined; readonly remoteAddress: string },
  ) => Promise<string | undefined>
  /** Shows the page to sign in on once more, and why. */
  readonly showFault: (request: Request, response: Response, fault: ProviderFault) => void
}

/** Adds the two addresses of a sign-in by a provider. To be called before a router gets those of links. */
export function providerRoutes(router: Router, door: SignInDoor, own: ProviderDoor): void {
  router.route(beginPath(door)).get(begin(door, own)).all(refuseOtherMethods('GET, HEAD'))
  router.route(donePath(door)).get(finish(door, own)).all(refuseOtherMethods('GET, HEAD'))
}

/** Where the button leads. It is a link: browsers let no form of ours end on another site (`form-action`). */
export const beginPath = ({ linkPath }: Pick<SignInDoor, 'linkPath'>): string => `${linkPath}/oidc`

const donePath = ({ linkPath }: Pick<SignInDoor, 'linkPath'>): string => `${linkPath}/oidc/done`

/** The redirect URI that is registered with the provider. */
const doneUrl = (door: SignInDoor): string => door.publicUrl + donePath(door)

/** GET …/oidc: sends the browser to the provider. `?back=PATH` is where it goes after the sign-in. */
const begin =
  (door: SignInDoor, { provider, log, showFault }: ProviderDoor): RequestHandler =>
  async (request, response) => {
    const back = ownPath(queryOf(request).get('back') ?? '', door.home, door.basePath)
    if (await findSession(door, request)) return goTo(door, response, back ?? door.home)
    try {
      const { url, kept } = await provider.begin(doneUrl(door), whileItIsOpen(response))
      door.cookies.set(response, 'provider', kept)
      if (back !== undefined) door.cookies.set(response, 'back', back)
      response.redirect(303, url)
    } catch (error) {
      if (response.destroyed) return
      log.warn({ err: error, kind: door.kind }, 'sign-in: the provider cannot be asked')
      showFault(request, response, 'unreachable')
    }
  }

/** GET …/oidc/done: where the provider sends the browser back to. What it says there is only a claim. */
const finish =
  (door: SignInDoor, own: ProviderDoor): RequestHandler =>
  async (request, response) => {
    const kept = door.cookies.get(request, 'provider')
    door.cookies.clear(response, 'provider')
    const current = new URL(doneUrl(door))
    current.search = queryOf(request).toString()
    const verdict = await own.provider
      .finish(current, kept, whileItIsOpen(response))
      .catch((error: unknown) => {
        if (response.destroyed) return undefined
        throw error
      })
    if (verdict) await answer(door, own, { request, response }, verdict)
  }

async function answer(
  door: SignInDoor,
  { log, enter, showFault }: ProviderDoor,
  { request, response }: { readonly request: Request; readonly response: Response },
  verdict: Verdict,
): Promise<void> {
  switch (verdict.outcome) {
    case 'accepted': {
      const from = { session: door.cookies.get(request, 'session'), remoteAddress: request.ip ?? '' }
      const session = await enter(verdict.addresses, from)
      return session === undefined
        ? showFault(request, response, 'nobody')
        : showDone(door, request, response, session)
    }
    case 'refused':
      return showFault(request, response, 'refused')
    case 'unsupported':
      log.warn({ kind: door.kind, why: verdict.why }, 'sign-in: the provider does not vouch for somebody')
      return showFault(request, response, 'nobody')
    case 'away':
      log.warn({ kind: door.kind, why: verdict.why }, 'sign-in: the provider cannot be asked')
      return showFault(request, response, 'unreachable')
  }
}

/**
 * Gives the browser its new session, with a page that leads on by itself. A redirect would not do: it began at the
 * provider's site, so the browser would not send along a cookie that is SameSite=Strict.
 */
function showDone(door: SignInDoor, request: Request, response: Response, session: string): void {
  const back = ownPath(door.cookies.get(request, 'back') ?? '', door.home, '') ?? door.home
  door.cookies.set(response, 'session', session)
  door.cookies.clear(response, 'back')
  ensureBrowserSecret(door.cookies, request, response)
  const goOnUrl = door.basePath + back
  response.set({ Refresh: `0; url=${goOnUrl}` })
  door.show(request, response, { page: 'sign-in-done', model: () => ({ goOnUrl }) }, 200)
}

/** Aborted once the browser has gone. */
function whileItIsOpen(response: Response): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort(new Error('the browser has gone')))
  return gone.signal
}
