import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { oidcSignIn } from '../../src/ground/sign-in/oidc/oidc-sign-in.ts'
import type { OidcSettings } from '../../src/ground/sign-in/oidc/settings.ts'
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
