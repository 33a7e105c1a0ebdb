import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signInChecksOf } from '../../src/composition/sign-in-ways.ts'
import { configSchema } from '../../src/ground/config/schema.ts'
import { imapMethod } from '../../src/ground/sign-in/imap/imap-method.ts'
import type { Credentials, Verdict } from '../../src/ground/sign-in/methods.ts'
import { runChecks } from '../../src/work/doctor/run-checks.ts'
import { signInMethodContract } from '../contracts/sign-in-method.ts'
import { type Dovecot, startDovecot } from '../servers/dovecot.ts'
import { startScriptedServer } from '../servers/scripted-server.ts'

const ALICE = 'alice@example.com'
const SECRET = 'Geheim€ "1\\ {3}'

let dovecot: Dovecot

beforeAll(async () => {
  dovecot = await startDovecot({
    users: { [ALICE]: `{PLAIN}${SECRET}`, 'bob@example.net': '{PLAIN}bob', alice: '{PLAIN}alone' },
    // Without this, each refusal makes the next attempt wait longer.
    settings: ['login_trusted_networks = 127.0.0.0/8'],
  })
})

afterAll(() => dovecot[Symbol.asyncDispose]())

describe('Dovecot', () => {
  test('accepts the right password over imaps and by STARTTLS, and refuses every other', async () => {
    for (const url of [`imaps://localhost:${dovecot.tlsPort}`, `imap://localhost:${dovecot.port}`]) {
      expect(await check(url, 'Alice@Example.com', SECRET)).toEqual({
        outcome: 'accepted',
        addresses: [ALICE],
      })
      expect(await check(url, ALICE, `${SECRET} `)).toEqual({ outcome: 'refused' })
      expect(await check(url, 'nobody@example.com', SECRET)).toEqual({ outcome: 'refused' })
    }
  })

  test('learns the address of the browser, for its own limits', async () => {
    await check(`imaps://localhost:${dovecot.tlsPort}`, 'probe@example.com', 'x', {
      remoteAddress: '203.0.113.77',
    })
    expect(dovecot.log()).toMatch(/probe@example\.com,203\.0\.113\.77/)
  })

  test('is not asked about a name that is no address', async () => {
    const before = dovecot.log()
    expect(await check(`imaps://localhost:${dovecot.tlsPort}`, 'alice', 'alone')).toEqual({
      outcome: 'refused',
    })
    expect(dovecot.log()).toBe(before)
  })

  test('is asked only about the domains that are its own', async () => {
    const method = imapMethod({
      url: 'imaps://localhost:1',
      domains: { 'example.net': `imaps://localhost:${dovecot.tlsPort}` },
      authorities,
      timeout: 3000,
    })
    const ask = (name: string) =>
      method.check({ name, password: 'bob', remoteAddress: elsewhere() }, AbortSignal.timeout(3000))
    expect(await ask('bob@example.net')).toMatchObject({ outcome: 'accepted' })
    expect(await ask(ALICE)).toEqual({ outcome: 'away', why: 'ECONNREFUSED' })
  })

  test('with a certificate of another authority, or for another host, gets no password', async () => {
    const foreign = imapMethod({
      url: `imaps://localhost:${dovecot.tlsPort}`,
      authorities: () => [readFileSync(dovecot.certificates.foreignAuthority, 'utf8')],
      timeout: 3000,
    })
    const before = dovecot.log().match(/Login:|auth failed/g)?.length
    expect(
      await foreign.check(
        { name: ALICE, password: SECRET, remoteAddress: elsewhere() },
        AbortSignal.timeout(3000),
      ),
    ).toMatchObject({
      outcome: 'away',
    })
    expect(await check(`imaps://127.0.0.1:${dovecot.tlsPort}`, ALICE, SECRET)).toMatchObject({
      outcome: 'away',
    })
    expect(dovecot.log().match(/Login:|auth failed/g)?.length).toBe(before)
  })

  test('is looked at by doctor, who names what is wrong with it and what mends it', async () => {
    await using plain = await startScriptedServer(
      socket => void socket.write('* OK [CAPABILITY IMAP4rev1] x\r\n'),
    )
    await using silent = await startScriptedServer(() => {})
    const caFile = dovecot.certificates.authority
    const url = `imaps://localhost:${dovecot.tlsPort}`
    expect(await examine({ url, caFile })).toBe(`ok: ${url} answers, and refuses a stranger. -`)
    for (const [imap, found] of [
      [{ url }, /^fail: The certificate of imaps:.* cannot be trusted.* signIn\.imap\.caFile/],
      [
        { url: `imaps://127.0.0.1:${dovecot.tlsPort}`, caFile },
        /^fail: The certificate of imaps:.* cannot be trusted.* host's name/,
      ],
      [
        { url: 'imaps://localhost:9' },
        /^fail: imaps:.* cannot be reached.*ECONNREFUSED.* Start the IMAP server/,
      ],
      [{ url: 'imaps://nowhere.invalid' }, /^fail: imaps:.* cannot be reached/],
      [{ url: `imap://localhost:${plain.port}` }, /^fail: imap:.* cannot be asked .*STARTTLS/],
      [{ url: `imaps://localhost:${silent.port}` }, /^fail: .*no answer/],
    ] as const)
      expect(await examine(imap)).toMatch(found)
  })

  test('that is stopped is away', async () => {
    await dovecot.stop()
    expect(await check(`imaps://localhost:${dovecot.tlsPort}`, ALICE, SECRET)).toEqual({
      outcome: 'away',
      why: 'ECONNREFUSED',
    })
    await dovecot.start()
    expect(await check(`imaps://localhost:${dovecot.tlsPort}`, ALICE, SECRET)).toMatchObject({
      outcome: 'accepted',
    })
  })
})

signInMethodContract({
  name: 'imap',
  async make(people) {
    const users = Object.fromEntries(people.map(({ address, password }) => [address, `{PLAIN}${password}`]))
    // Who only tries passwords is not made to wait here.
    const server = await startDovecot({ users, settings: ['login_trusted_networks = 127.0.0.0/8'] })
    const methodAt = (port: number, timeout: number) => {
      const ca = readFileSync(server.certificates.authority, 'utf8')
      const method = imapMethod({ url: `imaps://localhost:${port}`, authorities: () => [ca], timeout })
      return {
        ...method,
        check: (credentials: Credentials, signal: AbortSignal) =>
          method.check({ ...credentials, remoteAddress: elsewhere() }, signal),
      }
    }
    return {
      method: methodAt(server.tlsPort, 5000),
      at: port => methodAt(port, 400),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
})

describe('a server that is no honest IMAP server', () => {
  test('gets no password if it offers no TLS, and says nothing else', async () => {
    let heard = ''
    await using server = await startScriptedServer(socket => {
      socket.write('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n')
      socket.on('data', chunk => {
        heard += chunk.toString()
        const [tag] = chunk.toString().split(' ')
        socket.write(`* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n${tag} OK done\r\n`)
      })
    })
    expect(await check(`imap://localhost:${server.port}`, ALICE, SECRET)).toMatchObject({ outcome: 'away' })
    expect(heard).not.toMatch(/LOGIN|AUTHENTICATE/)
  })

  test.each([
    ['hangs before its greeting', () => {}],
    ['hangs up at once', (socket: { end(): void }) => socket.end()],
    ['says that it has signed somebody in already', preauth],
    ['speaks another protocol', say('220 mail.example.com ESMTP')],
    ['says goodbye', say('* BYE too many connections')],
    ['answers with NO because its database is away', refusing('NO [UNAVAILABLE] Temporary failure')],
    ['does not understand the command', refusing('BAD what?')],
  ])('is away if it %s', async (_what, script) => {
    await using server = await tlsServer(script)
    const verdict = await check(`imaps://localhost:${server.port}`, ALICE, SECRET, { patience: 500 })
    expect(verdict).toMatchObject({ outcome: 'away' })
    expect(JSON.stringify(verdict)).not.toContain('Geheim')
  })

  test('has told the truth if it only then fails to open the mailbox', async () => {
    await using server = await tlsServer(refusing('OK welcome', socket => socket.destroy()))
    expect(await check(`imaps://localhost:${server.port}`, ALICE, SECRET)).toMatchObject({
      outcome: 'accepted',
    })
  })

  test('that repeats the password in its answer does not have it logged', async () => {
    await using server = await tlsServer(refusing(`NO [${SECRET}] ${SECRET}`))
    expect(
      JSON.stringify(await check(`imaps://localhost:${server.port}`, ALICE, SECRET, { patience: 500 })),
    ).not.toContain('Geheim')
  })
})

interface Writable {
  write(text: string): unknown
  end(): unknown
  destroy(): unknown
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
}

function say(greeting: string) {
  return (socket: Writable) => void socket.write(`${greeting}\r\n`)
}

/** Answers every command with OK. */
function preauth(socket: Writable) {
  socket.write('* PREAUTH welcome\r\n')
  socket.on('data', chunk => {
    const [tag] = chunk.toString().split(' ')
    socket.write(`* CAPABILITY IMAP4rev1\r\n${tag} OK done\r\n`)
  })
}

/** A server that answers the attempt to sign in with this. */
function refusing(answer: string, then: (socket: Writable) => void = () => {}) {
  return (socket: Writable) => {
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n')
    socket.on('data', chunk => {
      for (const line of chunk.toString().split('\r\n')) {
        const [tag, command] = line.split(' ')
        if (command === 'CAPABILITY') socket.write(`* CAPABILITY IMAP4rev1\r\n${tag} OK done\r\n`)
        if (command === 'LOGIN') {
          // The password may come as a literal, which is waited for.
          if (/\{\d+\}$/.test(line)) socket.write('+ go on\r\n')
          socket.write(`${tag} ${answer}\r\n`)
          then(socket)
        }
      }
    })
  }
}

/** What doctor says of `signIn.imap`, and what mends it. */
async function examine(imap: { readonly url: string; readonly caFile?: string }): Promise<string> {
  const config = configSchema.parse({
    publicUrl: 'http://127.0.0.1:8080',
    storage: { url: 'sqlite:///nowhere/amavis.sqlite' },
    smtp: { url: 'smtp://127.0.0.1:1', from: 'quarantine@example.com' },
    signIn: { imap },
  })
  const found = await runChecks([{ title: 'Signing in', checks: signInChecksOf(config) }], { limit: 1500 })
  expect(found.map(({ id }) => id)).toEqual(['sign-in.encrypted', 'sign-in.imap'])
  expect(found[0]).toMatchObject({ status: 'ok' })
  return `${found[1]?.status}: ${found[1]?.message} ${found[1]?.fix ?? '-'}`
}

async function tlsServer(script: (socket: Writable) => void) {
  const open = new Set<{ destroy(): unknown }>()
  const server = createServer(
    {
      cert: readFileSync(dovecot.certificates.certificate),
      key: readFileSync(dovecot.certificates.key),
    },
    socket => {
      open.add(socket)
      socket.on('error', () => {})
      script(socket)
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const authorities = () => [readFileSync(dovecot.certificates.authority, 'utf8')]

/** Dovecot lets an address wait that has just failed: each attempt comes from another one. */
let attempts = 0
const elsewhere = () => `198.51.100.${++attempts}`

const check = (
  url: string,
  name: string,
  password: string,
  { remoteAddress = elsewhere(), patience = 3000 } = {},
): Promise<Verdict> =>
  imapMethod({ url, authorities, timeout: patience }).check(
    { name, password, remoteAddress },
    AbortSignal.timeout(10_000),
  )
