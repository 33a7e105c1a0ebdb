import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { parseSetCookie, stringifyCookie } from 'cookie'
import express, { type ErrorRequestHandler } from 'express'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../src/composition/sign-ins-of.ts'
import { cookiesFor } from '../../src/doors/http/session/cookies.ts'
import type { SignInDoor } from '../../src/doors/http/session/sign-in-door.ts'
import { signInRoutes } from '../../src/doors/http/session/sign-in-routes.ts'
import { oidcSignIn } from '../../src/ground/sign-in/oidc/oidc-sign-in.ts'
import type { OidcSettings } from '../../src/ground/sign-in/oidc/settings.ts'
import { recordingRefusals } from '../embedded/recording-refusals.ts'
import { type OidcProvider, startOidcProvider } from '../servers/oidc-provider.ts'
import { freePort } from '../servers/ports.ts'
import { startScriptedServer } from '../servers/scripted-server.ts'

const DONE = 'https://quarantine.example.com/digest/sign-in/oidc/done'
const BOB = { outcome: 'accepted', addresses: ['Bob@example.com'] }

describe('an OpenID provider', () => {
  let provider: OidcProvider

  beforeAll(async () => {
    provider = await startOidcProvider({
      redirectUri: DONE,
      accounts: {
        bob: { email: 'Bob@example.com', email_verified: true },
        eve: { email: 'bob@example.com', email_verified: false },
        text: { email: 'bob@example.com', email_verified: 'true' },
        nobody: {},
        stranger: { email: 'stranger@example.com', email_verified: true },
      },
    })
  })
  afterAll(() => provider?.[Symbol.asyncDispose]())

  test('vouches for a verified address, once', async () => {
    const oidc = oidcSignIn(settingsOf(provider))
    const { url, kept } = await oidc.begin(DONE, soon())
    const asked = new URL(url)
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: DONE,
      scope: 'openid email',
      code_challenge_method: 'S256',
    })
    for (const secret of kept.split('.').slice(2)) expect(url).not.toContain(secret)
    const back = await provider.signIn(url, 'bob')
    expect(`${back.origin}${back.pathname}`).toBe(DONE)
    expect(await oidc.finish(back, kept, soon())).toEqual(BOB)
    expect(await oidc.finish(back, kept, soon())).toEqual({ outcome: 'refused' })
  })

  test('does not vouch for an address that it has not verified, or does not know', async () => {
    for (const login of ['eve', 'text', 'nobody'])
      expect(await signIn(login), login).toMatchObject({
        outcome: 'unsupported',
        why: expect.stringContaining('e-mail address'),
      })
  })

  test('cannot sign another browser in, nor be answered for by another one', async () => {
    const oidc = oidcSignIn(settingsOf(provider))
    const [mine, other] = [await oidc.begin(DONE, soon()), await oidc.begin(DONE, soon())]
    const back = await provider.signIn(mine.url, 'bob')
    const forged = new URL(back)
    forged.searchParams.append('state', other.kept.split('.')[0] ?? '')
    for (const [current, kept] of [
      [back, undefined],
      [back, ''],
      [back, other.kept],
      [back, `${mine.kept}.x`],
      [forged, mine.kept],
      [new URL(DONE), mine.kept],
    ] as const)
      expect(await oidc.finish(current, kept, soon())).toEqual({ outcome: 'refused' })
    // The nonce and the verifier of another sign-in.
    const [state] = mine.kept.split('.')
    const mixed = [state, ...other.kept.split('.').slice(1)].join('.')
    expect(await oidc.finish(back, mixed, soon())).not.toMatchObject({ outcome: 'accepted' })
  })

  test('refuses whoever does not sign in there', async () => {
    const oidc = oidcSignIn(settingsOf(provider))
    const { url, kept } = await oidc.begin(DONE, soon())
    const back = await provider.refuse(url)
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect(await oidc.finish(back, kept, soon())).toEqual({ outcome: 'refused' })
  })

  test('is away if it says that it is, or does not know us', async () => {
    const oidc = oidcSignIn(settingsOf(provider))
    const { kept } = await oidc.begin(DONE, soon())
    const [state = ''] = kept.split('.')
    const word = 'temporarily_unavailable\u202e<b>'
    const query = new URLSearchParams({ state, error: word, error_description: 'x', iss: provider.issuer })
    const verdict = await oidc.finish(new URL(`${DONE}?${query}`), kept, soon())
    expect(verdict).toMatchObject({
      outcome: 'away',
      why: expect.stringContaining('temporarily_unavailable'),
    })
    expect(JSON.stringify(verdict)).not.toContain('\u202e')

    const wrong = oidcSignIn({ ...settingsOf(provider), clientSecret: 'another' })
    const begun = await wrong.begin(DONE, soon())
    const refused = await wrong.finish(await provider.signIn(begun.url, 'bob'), begun.kept, soon())
    expect(refused).toMatchObject({ outcome: 'away', why: expect.stringContaining('invalid_client') })
    expect(JSON.stringify(refused)).not.toContain('another')
  })

  test('is away if it is not there, says nothing, or calls itself otherwise', async () => {
    await using silent = await startScriptedServer(() => undefined)
    const metadata = JSON.stringify({ issuer: provider.issuer })
    await using liar = await startScriptedServer(socket =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${metadata}`),
    )
    for (const port of [await freePort(), silent.port, liar.port]) {
      const oidc = oidcSignIn({ ...settingsOf(provider), issuer: `http://127.0.0.1:${port}`, timeout: 500 })
      await expect(oidc.begin(DONE, soon())).rejects.toMatchObject({ code: 'SIGN_IN_UNREACHABLE' })
    }
  })

  test('may take the secret of its client in the body only', async () => {
    await using another = await startOidcProvider({
      redirectUri: DONE,
      accounts: { bob: { email: 'Bob@example.com', email_verified: true } },
      authentication: 'client_secret_post',
    })
    expect(await signIn('bob', another)).toEqual(BOB)
  })

  test('is on this machine, or speaks TLS', () => {
    expect(() => oidcSignIn({ ...settingsOf(provider), issuer: 'http://login.example.com' })).toThrow(
      'https://',
    )
  })

  test('signs the browser in that began it, with a page that leads on, and only once', async () => {
    await using site = await startSite(provider)
    const browser = site.browser()
    browser.cookies.set('__Host-amavis-digest-reader-back', '/mail/settings')
    const begun = await browser.get('/sign-in/oidc')
    expect(begun.status).toBe(303)
    const back = await provider.signIn(begun.location, 'bob')
    const done = back.pathname.replace('/digest', '') + back.search
    expect(await site.browser().get(done)).toMatchObject({
      status: 403,
      text: 'reader.signIn.fault.provider',
    })
    expect(await browser.get(done)).toMatchObject({
      status: 200,
      text: 'go on to /digest/mail/settings',
      refresh: '0; url=/digest/mail/settings',
    })
    expect(browser.cookies.get('__Host-amavis-digest-reader')).toBe('session of Bob@example.com')
    expect(await browser.get(done)).toMatchObject({ status: 403, text: 'reader.signIn.fault.provider' })
  })

  test('shows why nobody was signed in, in words of ours', async () => {
    await using site = await startSite(provider)
    for (const [login, text] of [
      ['eve', 'reader.signIn.fault.nobody'],
      ['stranger', 'reader.signIn.fault.nobody'],
    ] as const) {
      const browser = site.browser()
      const back = await provider.signIn((await browser.get('/sign-in/oidc')).location, login)
      expect(await browser.get(back.pathname.replace('/digest', '') + back.search)).toMatchObject({ text })
    }
    const browser = site.browser()
    const { location } = await browser.get('/sign-in/oidc')
    const query = new URLSearchParams({ state: new URL(location).searchParams.get('state') ?? '' })
    query.set('iss', provider.issuer)
    query.set('error', '<script>alert(1)</script>')
    const failed = await browser.get(`/sign-in/oidc/done?${query}`)
    expect(failed).toMatchObject({ status: 503, text: 'reader.signIn.fault.unreachable' })
    await using away = await startSite({ ...provider, issuer: `http://127.0.0.1:${await freePort()}` })
    expect(await away.browser().get('/sign-in/oidc')).toMatchObject({
      status: 503,
      text: 'SIGN_IN_UNREACHABLE',
    })
  })

  async function signIn(login: string, at = provider) {
    const oidc = oidcSignIn(settingsOf(at))
    const { url, kept } = await oidc.begin(DONE, soon())
    return oidc.finish(await at.signIn(url, login), kept, soon())
  }
})

const settingsOf = ({ issuer, clientId, clientSecret }: OidcProvider): OidcSettings => ({
  issuer,
  clientId,
  clientSecret,
  label: 'OpenID',
  scopes: ['openid', 'email'],
  timeout: 5000,
})

const soon = () => AbortSignal.timeout(20_000)

/** The addresses of a sign-in by this provider; pages are the names of theirs. */
async function startSite(provider: OidcProvider) {
  const people = new Map<string, string>()
  const signIns = {
    limits: SIGN_IN_LIMITS,
    personOf: async (session: string) => people.get(session),
    vouchedFor: async ([address = '']) => (address === 'Bob@example.com' ? { address } : undefined),
    signInBy: async ({ address }: { address: string }) => {
      people.set(`session of ${address}`, address)
      return `session of ${address}`
    },
  }
  const door: SignInDoor = {
    kind: 'reader',
    publicUrl: 'https://quarantine.example.com/digest',
    basePath: '/digest',
    home: '/mail',
    signInPath: '/',
    linkPath: '/sign-in',
    signIns: signIns as never,
    cookies: cookiesFor('https://quarantine.example.com', 'reader', SIGN_IN_LIMITS),
    refusals: recordingRefusals(),
    log: pino({ level: 'silent' }),
    ways: { link: false, passwords: undefined, redirect: oidcSignIn(settingsOf(provider)) },
    proxyHeader: undefined,
    show: (_request, response, { model }, status) => {
      const words = { say: (key: string) => key }
      const { fault, again } = { ...model?.({ words } as never) } as { fault?: string; again?: string }
      response.status(status).send(fault ?? `go on to ${again}`)
    },
  }
  const app = express()
  const router = express.Router()
  signInRoutes(router, door, express.raw())
  router.use(((error: { code?: string }, _request, response, _next) => {
    response.status(503).send(error.code)
  }) satisfies ErrorRequestHandler)
  const server = app.use(router).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    browser: () => startBrowser(`http://127.0.0.1:${port}`),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A browser that keeps cookies and follows no redirect. */
function startBrowser(origin: string) {
  const cookies = new Map<string, string>()
  return {
    cookies,
    async get(path: string) {
      const cookie = stringifyCookie(Object.fromEntries(cookies))
      const response = await fetch(origin + path, { headers: { cookie }, redirect: 'manual' })
      for (const line of response.headers.getSetCookie()) {
        const { name, value = '', maxAge } = parseSetCookie(line)
        if (maxAge === 0) cookies.delete(name)
        else cookies.set(name, value)
      }
      const location = response.headers.get('location') ?? ''
      const refresh = response.headers.get('refresh') ?? undefined
      return { status: response.status, location, refresh, text: await response.text() }
    },
  }
}
