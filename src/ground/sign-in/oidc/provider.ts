import type { ClientAuth, Configuration } from 'openid-client'
import { ExpiringCache } from '../../concurrency/expiring-cache.ts'
import { HOUR, SECOND } from '../../durations.ts'
import { CodedError } from '../../errors.ts'
import { isThisMachine } from '../../network/this-machine.ts'
import type { OidcSettings } from './settings.ts'

/** The package, which is loaded when somebody signs in. */
export type OpenIdClient = typeof import('openid-client')

/** A provider, as its metadata describes it. */
export interface Provider {
  readonly client: OpenIdClient
  readonly config: Configuration
}

/**
 * Returns a function that reads what the provider says of itself (OpenID Connect Discovery), at most once an hour. Its
 * keys are read when they are needed.
 *
 * @throws CodedError CONFIG_INVALID for an issuer without TLS on another machine
 */
export function providerOf(settings: OidcSettings): () => Promise<Provider> {
  requireTls(settings)
  const known = new ExpiringCache<Provider>(1)
  return () => known.get('', { now: performance.now(), keep: HOUR }, () => discover(settings))
}

function requireTls({ issuer }: OidcSettings): void {
  const { protocol, hostname } = new URL(issuer)
  if (protocol === 'https:' || isThisMachine(hostname.replace(/^\[(.*)\]$/, '$1'))) return
  throw new CodedError(
    'CONFIG_INVALID',
    'signIn.oidc.issuer: expected https://: who reads or changes what the provider says can sign in as anybody',
  )
}

async function discover({ issuer, clientId, clientSecret, timeout }: OidcSettings): Promise<Provider> {
  const client = await import('openid-client')
  const { allowInsecureRequests, clockTolerance, enableNonRepudiationChecks } = client
  const config = await client.discovery(
    new URL(issuer),
    clientId,
    { [clockTolerance]: CLOCK_TOLERANCE },
    clientSecret === undefined ? client.None() : authenticationBy(client, clientSecret),
    {
      timeout: Math.ceil(timeout / SECOND),
      // Signatures are checked, too: otherwise only the connection would vouch for an address.
      execute: [enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [allowInsecureRequests] : [])],
    },
  )
  return { client, config }
}

/** Seconds by which the provider's clock may differ from ours. */
const CLOCK_TOLERANCE = 60

/** `client_secret_basic`, the default of OpenID Connect Discovery, unless the provider takes only `client_secret_post`. */
function authenticationBy({ ClientSecretBasic, ClientSecretPost }: OpenIdClient, secret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)]
  return (server, ...request) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...request)
  }
}
