import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PasswordMethod, Verdict } from '../../src/ground/sign-in/methods.ts'
import { freePort } from '../servers/ports.ts'
import { startScriptedServer } from '../servers/scripted-server.ts'

/** Somebody with a mailbox and a password, whom the server knows. */
export interface Person {
  readonly address: string
  readonly password: string
}

export interface SignInMethodMaker {
  readonly name: string
  /** Starts a server that knows these people. */
  make(people: readonly Person[]): Promise<MadeSignInMethod>
}

export interface MadeSignInMethod extends AsyncDisposable {
  readonly method: PasswordMethod
  /** The same, for a server at another port of this machine, which has 0.4 s to answer. */
  at(port: number): PasswordMethod
}

const BOB = { address: 'bob@example.com', password: 'Bob’s "secret" \\ päß 日本 🙂 $6$ {CRYPT} %u' }
const LONG = { address: 'long@example.com', password: `${'0123456789abcdef'.repeat(4)}` }
const EVE = { address: 'eve@example.com', password: 'evil' }

/** What each way to sign in with a password has to do, with the real server. */
export function signInMethodContract(maker: SignInMethodMaker): void {
  describe(`signing in by ${maker.name}`, () => {
    let made: MadeSignInMethod

    beforeAll(async () => {
      made = await maker.make([BOB, LONG, EVE])
    })
    afterAll(() => made?.[Symbol.asyncDispose]())

    test('the right password vouches for the address as the server writes it, whatever was typed', async () => {
      for (const name of [BOB.address, 'Bob@EXAMPLE.com'])
        expect(await check(name, BOB.password)).toEqual({ outcome: 'accepted', addresses: [BOB.address] })
      expect(await check(LONG.address, LONG.password)).toMatchObject({ outcome: 'accepted' })
    })

    test('a wrong password, an unknown name and an empty password are refused alike', async () => {
      for (const [name, password] of [
        [BOB.address, 'wrong'],
        [BOB.address, EVE.password],
        [BOB.address, BOB.password.slice(0, -1)],
        [BOB.address, `${BOB.password} `],
        ['nobody@example.com', BOB.password],
        ['nobody', BOB.password],
        [BOB.address, ''],
        ['', ''],
      ] as const)
        expect(await check(name, password), name).toEqual({ outcome: 'refused' })
    })

    test('nothing in a password has a meaning', async () => {
      for (const password of [
        'x'.repeat(1000),
        'é'.repeat(1000),
        `${BOB.password}\0`,
        `${BOB.password}\0${BOB.password}`,
        `x\r\na2 LOGIN ${EVE.address} ${EVE.password}\r\n`,
        `"\r\n`,
        '{10}',
        '*',
        "' OR '1'='1",
        '\ud800',
      ])
        expect(await check(BOB.address, password), JSON.stringify(password)).toEqual({ outcome: 'refused' })
    })

    test('nothing in a name has a meaning', async () => {
      for (const name of [
        '*',
        'e*',
        'e*@example.com',
        '%',
        'e_e@example.com',
        '*)(uid=*',
        'eve@example.com)(|(uid=*',
        'eve)(uid=eve',
        'eve,dc=example',
        'eve+cn=somebody',
        'e\\76e@example.com',
        'e\\u0076e@example.com',
        "' OR '1'='1",
        "eve@example.com' -- ",
        'eve@example.com"',
        'évé@example.com',
        'eve@@example.com',
        'eve @example.com',
        ':name',
        ':user',
        'EXTERNAL',
        `${'e'.repeat(243)}@example.com`,
      ]) {
        const verdict = await check(name, EVE.password)
        expect(verdict, name).toEqual({ outcome: 'refused' })
      }
    })

    test('a server that is not there is away, and the password is in nothing that is said', async () => {
      const verdict = await checkAt(made.at(await freePort()), BOB.address, BOB.password)
      expect(verdict.outcome).toBe('away')
      expect(JSON.stringify(verdict)).not.toContain('secret')
    })

    test('a server that says nothing is away after its time, and nobody has to wait for it', async () => {
      await using silent = await startScriptedServer(() => undefined)
      const method = made.at(silent.port)
      const gaveUp = new AbortController()
      const waiting = checkAt(method, BOB.address, BOB.password, gaveUp.signal)
      setTimeout(() => gaveUp.abort(new Error('the browser has gone')), 50)
      await expect(waiting).rejects.toThrow('the browser has gone')
      const begun = performance.now()
      expect(await checkAt(method, BOB.address, BOB.password)).toMatchObject({ outcome: 'away' })
      expect(performance.now() - begun).toBeLessThan(3000)
    })

    test('a server that speaks another language, or hangs up, is away', async () => {
      await using babbling = await startScriptedServer(socket =>
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      )
      expect(await checkAt(made.at(babbling.port), BOB.address, BOB.password)).toMatchObject({
        outcome: 'away',
      })
    })

    const check = (name: string, password: string) => checkAt(made.method, name, password)
  })
}

async function checkAt(
  method: PasswordMethod,
  name: string,
  password: string,
  signal = AbortSignal.timeout(30_000),
): Promise<Verdict> {
  return await method.check({ name, password, remoteAddress: '192.0.2.1' }, signal)
}
