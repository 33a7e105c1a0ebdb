import { unlessAborted } from '../../concurrency/unless-aborted.ts'
import { CodedError } from '../../errors.ts'
import type { RedirectMethod, Verdict } from '../methods.ts'
import { verdictOnFault, whyAway } from './fault-verdict.ts'
import { type Provider, providerOf } from './provider.ts'
import type { OidcSettings } from './settings.ts'

/**
 * Signs in by an OpenID provider: the code flow of OpenID Connect Core with PKCE, state and nonce. The provider vouches
 * for the claim `email`, and only if it says `email_verified: true`.
 *
 * @throws CodedError CONFIG_INVALID for an issuer without TLS on another machine
 */
export function oidcSignIn(settings: OidcSettings): RedirectMethod {
  const provider = providerOf(settings)
  const within = <T>(signal: AbortSignal, work: (limit: AbortSignal) => Promise<T>): Promise<T> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout)])
    return unlessAborted(limit, work(limit))
  }
  return {
    kind: 'oidc',
    label: settings.label,
    async begin(doneUrl, signal) {
      try {
        return await within(signal, async () => begun(await provider(), settings, doneUrl))
      } catch (error) {
        signal.throwIfAborted()
        throw new CodedError('SIGN_IN_UNREACHABLE', whyAway(error, settings), { cause: error })
      }
    },
    async finish(current, kept, signal) {
      const secrets = kept === undefined ? undefined : readKept(kept)
      // Somebody else may have made this address, so that the browser signs in as that one.
      if (secrets === undefined || !isAnswerTo(secrets, current)) return REFUSED
      try {
        return await within(signal, async () => verdictOn(await provider(), current, secrets))
      } catch (error) {
        signal.throwIfAborted()
        return verdictOnFault(error, settings)
      }
    },
  }
}

const REFUSED: Verdict = { outcome: 'refused' }

async function begun({ client, config }: Provider, { scopes }: OidcSettings, doneUrl: string) {
  const secrets = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
  }
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: doneUrl,
    scope: [...new Set(['openid', 'email', ...scopes])].join(' '),
    state: secrets.state,
    nonce: secrets.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(secrets.verifier),
    code_challenge_method: 'S256',
  })
  return { url: url.href, kept: [secrets.state, secrets.nonce, secrets.verifier].join('.') }
}

/** What only this browser and we know of a sign-in that has begun. */
interface Secrets {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

function readKept(kept: string): Secrets | undefined {
  const { state, nonce, verifier } = KEPT.exec(kept)?.groups ?? {}
  return state === undefined || nonce === undefined || verifier === undefined
    ? undefined
    : { state, nonce, verifier }
}

const KEPT = /^(?<state>[\w-]{43})\.(?<nonce>[\w-]{43})\.(?<verifier>[\w-]{43})$/

function isAnswerTo({ state }: Secrets, { searchParams }: URL): boolean {
  const states = searchParams.getAll('state')
  return states.length === 1 && states[0] === state
}

async function verdictOn(
  { client, config }: Provider,
  current: URL,
  { state, nonce, verifier }: Secrets,
): Promise<Verdict> {
  const tokens = await client.authorizationCodeGrant(config, current, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  })
  const { sub = '', ...inToken } = tokens.claims() ?? {}
  const claims =
    'email_verified' in inToken ? inToken : await client.fetchUserInfo(config, tokens.access_token, sub)
  const { email, email_verified: isVerified } = claims
  if (typeof email === 'string' && isVerified === true) return { outcome: 'accepted', addresses: [email] }
  const why = `signIn.oidc: the provider gives ${typeof email === 'string' ? 'an e-mail address without email_verified: true' : 'no e-mail address'}. See signIn.oidc.scopes, and which claims the provider gives this client.`
  return { outcome: 'unsupported', why }
}
