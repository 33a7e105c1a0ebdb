import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
// @ts-expect-error: it has no types
import { Provider } from 'oidc-provider'
import { freePort } from './ports.ts'

/** An OpenID provider on a free port of this machine. */
export interface OidcProvider extends AsyncDisposable {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Signs in there as a person would, and consents. @returns where the browser is sent back to */
  signIn(url: string, login: string): Promise<URL>
  /** Goes there, and does not sign in. @returns where the browser is sent back to */
  refuse(url: string): Promise<URL>
}

export interface OidcProviderOptions {
  /** What it says of each account, by the name of its login. */
  readonly accounts: Readonly<Record<string, { readonly email?: string; readonly email_verified?: unknown }>>
  readonly redirectUri: string
  readonly authentication?: 'client_secret_basic' | 'client_secret_post'
}

/** Starts it: 0.3 s. */
export async function startOidcProvider(options: OidcProviderOptions): Promise<OidcProvider> {
  const issuer = `http://localhost:${await freePort()}`
  const client = { clientId: 'amavis-digest', clientSecret: 'the secret of a client in a test' }
  const provider = quietly(() => new Provider(issuer, configuration(client, options)))
  const server = createServer((provider as { callback(): RequestListener }).callback())
  server.listen(Number(new URL(issuer).port), 'localhost')
  await once(server, 'listening')
  return {
    issuer,
    ...client,
    signIn: async (url, login) => {
      const browser = startBrowser(issuer)
      const page = await browser.go(url)
      const next = await browser.send(page, { prompt: 'login', login, password: 'any' })
      return next.origin === issuer ? browser.send(next, { prompt: 'consent' }) : next
    },
    refuse: async url => {
      const browser = startBrowser(issuer)
      const page = await browser.go(url)
      return browser.go(`${page.href}/abort`)
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const configuration = (
  { clientId, clientSecret }: Pick<OidcProvider, 'clientId' | 'clientSecret'>,
  { accounts, redirectUri, authentication = 'client_secret_basic' }: OidcProviderOptions,
) => ({
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: authentication,
    },
  ],
  clientAuthMethods: [authentication],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  findAccount: (_context: unknown, id: string) => ({
    accountId: id,
    claims: () => ({ sub: id, ...accounts[id] }),
  }),
  cookies: { keys: ['some key'] },
  // It warns of each that it has chosen itself. In seconds.
  ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
})

/** A browser that keeps cookies and follows redirects, as long as they stay with the provider. */
function startBrowser(issuer: string) {
  const cookies = new Map<string, string>()
  const go = async (address: string | URL, init: RequestInit = {}): Promise<URL> => {
    const url = new URL(address)
    if (url.origin !== issuer) return url
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, headers: { cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    return location === null ? url : go(new URL(location, url))
  }
  const send = (page: URL, form: Readonly<Record<string, string>>) =>
    go(page, { method: 'POST', body: new URLSearchParams(form) })
  return { go, send }
}

/** It warns that it is not set up for anything but tests. */
function quietly<T>(work: () => T): T {
  const { warn, info } = console
  try {
    Object.assign(console, { warn: () => undefined, info: () => undefined })
    return work()
  } finally {
    Object.assign(console, { warn, info })
  }
}
