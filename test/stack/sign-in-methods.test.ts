import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import { ispconfigSignIn } from '../../src/ground/sign-in/ispconfig/ispconfig-sign-in.ts'
import type { IspconfigSignInTables } from '../../src/ground/sign-in/ispconfig/tables.ts'
import { ldapSignIn } from '../../src/ground/sign-in/ldap/ldap-sign-in.ts'
import type { LdapSignInSettings } from '../../src/ground/sign-in/ldap/settings.ts'
import type { PasswordMethod } from '../../src/ground/sign-in/methods.ts'
import { passwordChecks } from '../../src/ground/sign-in/password-hash/password-checks.ts'
import { type PasswordHash, readPasswordHash } from '../../src/ground/sign-in/password-hash/password-hash.ts'
import { type Person, signInMethodContract } from '../contracts/sign-in-method.ts'
import { asRoot } from '../servers/mariadb.ts'
import { startScriptedServer } from '../servers/scripted-server.ts'
import { ldif, type Slapd, startSlapd } from '../servers/slapd.ts'
import type { MariaDbStorage } from '../servers/storage.ts'
import { addRows, createIspconfig } from './ispconfig-tables.ts'

for (const how of ['searching for the entry', 'a distinguished name'] as const)
  signInMethodContract({
    name: `ldap, by ${how}`,
    async make(people) {
      const slapd = await startSlapd({ entries: ldif(people.map(entryOf)) })
      const over =
        how === 'a distinguished name' ? { bindAs: 'uid=:name,dc=example,dc=com' } : searching(slapd)
      return {
        method: ldapSignIn({ ...over, ...settingsOf(slapd) }),
        at: port =>
          ldapSignIn({ ...over, ...settingsOf(slapd), url: `ldap://127.0.0.1:${port}`, timeout: 400 }),
        [Symbol.asyncDispose]: () => slapd[Symbol.asyncDispose](),
      }
    },
  })

const entryOf = ({ address, password }: Person) => ({
  uid: address,
  mail: address,
  userPassword: password,
})

const settingsOf = (slapd: Slapd): LdapSignInSettings => ({
  url: `ldap://localhost:${slapd.port}`,
  startTls: true,
  caFile: slapd.certificates.authority,
  filter: '(mail=:name)',
  mailboxAttribute: 'mail',
  timeout: 5000,
})

const searching = ({ bindDn, password }: Slapd) => ({ base: 'dc=example,dc=com', bindDn, password })

describe('a directory server', () => {
  let slapd: Slapd

  beforeAll(async () => {
    slapd = await startSlapd({
      entries: ldif([
        { uid: 'bob', mail: ['bob@example.com', 'robert@example.com'], userPassword: 'secret' },
        { uid: 'one', mail: 'team@example.com', userPassword: 'secret' },
        { uid: 'two', mail: 'team@example.com', userPassword: 'secret' },
        { uid: 'bare', userPassword: 'secret' },
        { uid: 'without', mail: 'without@example.com' },
      ]),
    })
  })
  afterAll(() => slapd?.[Symbol.asyncDispose]())

  test('vouches for what the entry says, not for the name that was typed', async () => {
    const bindAs = 'uid=:user,dc=example,dc=com'
    const both = { outcome: 'accepted', addresses: ['bob@example.com', 'robert@example.com'] }
    expect(await check({ bindAs }, 'bob@elsewhere.example', 'secret')).toEqual(both)
    expect(await check({ ...searching(slapd), filter: '(uid=:user)' }, 'bob', 'secret')).toEqual(both)
  })

  test('refuses a name that two entries have, or that has not what is asked for, and an entry without a password', async () => {
    for (const name of ['team@example.com', 'without@example.com'])
      expect(await check(searching(slapd), name, 'secret'), name).toEqual({ outcome: 'refused' })
    const bindAs = 'uid=:user,dc=:domain,dc=com'
    expect(await check({ bindAs }, 'bob', 'secret')).toEqual({ outcome: 'refused' })
  })

  test('says what is missing where the password is right but the entry has no address', async () => {
    const verdict = await check({ bindAs: 'uid=:user,dc=example,dc=com' }, 'bare', 'secret')
    expect(verdict).toMatchObject({
      outcome: 'unsupported',
      why: expect.stringContaining('mailboxAttribute'),
    })
  })

  test('gets no empty password, with which it would let anybody in', async () => {
    const before = slapd.log()
    expect(await check(searching(slapd), 'bob@example.com', '')).toEqual({ outcome: 'refused' })
    expect(slapd.log()).toBe(before)
  })

  test('is away, with a hint, where our own account or its certificate is wrong', async () => {
    for (const [over, why] of [
      [{ ...searching(slapd), password: 'wrong-one' }, 'signIn.ldap.password'],
      [{ ...searching(slapd), base: 'dc=nowhere' }, 'signIn.ldap.base'],
      [{ ...searching(slapd), caFile: slapd.certificates.foreignAuthority }, 'certificate'],
      [
        { ...searching(slapd), url: `ldaps://127.0.0.1:${slapd.tlsPort}`, startTls: undefined },
        'certificate',
      ],
    ] as const) {
      const verdict = await check(over, 'bob@example.com', 'secret')
      expect(verdict).toMatchObject({ outcome: 'away', why: expect.stringContaining(why) })
      expect(JSON.stringify(verdict)).not.toMatch(/wrong-one|secret/)
    }
  })

  test('gets no password if it does not encrypt', async () => {
    const heard: Buffer[] = []
    await using plain = await startScriptedServer(socket => {
      socket.on('data', data => {
        heard.push(data)
        // The answer of RFC 4511 to StartTLS: protocolError.
        const [, , , , id = 0] = data
        socket.write(Buffer.from([0x30, 12, 2, 1, id, 0x78, 7, 10, 1, 2, 4, 0, 4, 0]))
      })
    })
    const verdict = await check(
      { ...searching(slapd), url: `ldap://localhost:${plain.port}` },
      'bob',
      'secret',
    )
    expect(verdict).toMatchObject({ outcome: 'away', why: expect.stringContaining('does not encrypt') })
    expect(Buffer.concat(heard).toString('latin1')).not.toMatch(/secret|amavis-digest/)
  })

  test('cannot be asked by a template that is no distinguished name', () => {
    expect(() => ldapSignIn({ ...settingsOf(slapd), bindAs: ':name' })).toThrow('signIn.ldap.bindAs')
  })

  const check = (over: Partial<LdapSignInSettings>, name: string, password: string) =>
    ldapSignIn({ ...settingsOf(slapd), ...over }).check(
      { name, password, remoteAddress: '192.0.2.1' },
      AbortSignal.timeout(20_000),
    )
})

signInMethodContract({
  name: 'the password of ISPConfig’s mailboxes',
  async make(people) {
    const tables = await createIspconfig(inject('mariaDb'))
    await addRows(tables, 'mail_domain', [{ domain: 'example.com' }])
    const rows = people.map(({ address, password }) => ({ email: address, password: crypt(password) }))
    await addRows(tables, 'mail_user', rows)
    const stack = new AsyncDisposableStack()
    stack.use(tables)
    const checks = stack.use(passwordChecks())
    const methodOn = (url: string, timeout: number): PasswordMethod => {
      const options = { connections: 1, isReadOnly: true, statementTimeout: timeout }
      const database = stack.use(connect<IspconfigSignInTables>('directory', url, options))
      return ispconfigSignIn({ database, checks }, { servers: [], timeout })
    }
    return {
      method: methodOn(tables.url, 5000),
      at: port => methodOn(`mysql://somebody:something@127.0.0.1:${port}/dbispconfig`, 400),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  },
})

/** By the C library. */
const crypt = (password: string, setting = '$6$rounds=5000$0123456789abcdef$'): string =>
  execFileSync('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', password, setting], { encoding: 'utf8' })

describe('the password of ISPConfig’s mailboxes', () => {
  let tables: MariaDbStorage
  const stack = new AsyncDisposableStack()

  beforeAll(async () => {
    tables = stack.use(await createIspconfig(inject('mariaDb')))
    await addRows(tables, 'mail_domain', [
      { domain: 'example.com' },
      { domain: 'off.example', active: 'n' },
      { domain: 'moved.example', active: 'n' },
      { domain: 'moved.example', server_id: 2 },
    ])
    const password = crypt('secret')
    await addRows(tables, 'mail_user', [
      { email: 'bob@example.com', login: 'web1_bob', password },
      { email: 'noimap@example.com', disableimap: 'y', password },
      { email: 'switched.off@example.com', access: 'n', postfix: 'n', password },
      { email: 'bob@off.example', password },
      { email: 'bob@moved.example', server_id: 2, password },
      { email: 'bob@foreign.example', password },
      { email: 'twice@example.com', password },
      { email: 'twice@example.com', server_id: 2, password },
      { email: 'old@example.com', password: crypt('secret', '$1$saltsalt$') },
      { email: 'slow@example.com', password: `$6$rounds=999999999$salt$${'x'.repeat(86)}` },
      { email: 'blowfish@example.com', password: crypt('secret', '$2y$05$abcdefghijklmnopqrstuu') },
      { email: 'sha256@example.com', password: `{SHA256-CRYPT}${crypt('secret', '$5$salt$')}` },
    ])
  })
  afterAll(() => stack.disposeAsync())

  test('lets in whom Dovecot lets in', async () => {
    for (const [name, address] of [
      ['web1_bob', 'bob@example.com'],
      ['switched.off@example.com', 'switched.off@example.com'],
      ['bob@moved.example', 'bob@moved.example'],
      ['bob@foreign.example', 'bob@foreign.example'],
      ['blowfish@example.com', 'blowfish@example.com'],
      ['sha256@example.com', 'sha256@example.com'],
    ])
      expect(await check(name), name).toEqual({ outcome: 'accepted', addresses: [address] })
    for (const name of ['noimap@example.com', 'bob@off.example', 'twice@example.com'])
      expect(await check(name), name).toEqual({ outcome: 'refused' })
  })

  test('is that of the servers that are configured', async () => {
    expect(await check('twice@example.com', { servers: [2] })).toMatchObject({ outcome: 'accepted' })
    expect(await check('bob@example.com', { servers: [2] })).toEqual({ outcome: 'refused' })
  })

  test('is not compared with a hash of another kind, or one that would take minutes', async () => {
    for (const name of ['old@example.com', 'slow@example.com'])
      expect(await check(name)).toMatchObject({
        outcome: 'unsupported',
        why: expect.stringMatching(/mail_user \d+ .*signIn\.imap/),
      })
  })

  test('is compared with a hash that costs as much where nobody has the name', async () => {
    await using database = connect<IspconfigSignInTables>('directory', tables.url, { connections: 1 })
    const asked: PasswordHash[] = []
    const checks = { isPassword: async (_: string, hash: PasswordHash) => asked.push(hash) < 0 }
    const method = ispconfigSignIn({ database, checks }, { servers: [], timeout: 5000 })
    const names = [
      'nobody',
      'blowfish@example.com',
      'nobody@example.com',
      'noimap@example.com',
      'old@example.com',
    ]
    for (const name of names)
      await method.check({ name, password: 'secret', remoteAddress: '' }, AbortSignal.timeout(20_000))
    const costs = asked.map(hash => (hash.kind === 'bcrypt' ? `cost ${hash.cost}` : `rounds ${hash.rounds}`))
    expect(costs).toEqual(['rounds 5000', 'cost 5', 'cost 5', 'cost 5', 'cost 5'])
    for (const hash of asked) expect(readPasswordHash(textOf(hash))).toEqual(hash)
  })

  test('needs the right to read three more columns than the directory', async () => {
    const user = `digest_${tables.database}`.slice(0, 32)
    const grant = (columns: string) =>
      asRoot(
        inject('mariaDb'),
        `CREATE USER IF NOT EXISTS ${user}@'127.0.0.1' IDENTIFIED BY 'abc';
         GRANT SELECT (server_id, domain, active) ON ${tables.database}.mail_domain TO ${user}@'127.0.0.1';
         GRANT SELECT (${columns}) ON ${tables.database}.mail_user TO ${user}@'127.0.0.1';`,
      )
    const url = `mysql://${user}:abc@127.0.0.1:${inject('mariaDb').port}/${tables.database}`
    try {
      await grant('mailuser_id, server_id, email')
      expect(await check('bob@example.com', { url })).toMatchObject({
        outcome: 'away',
        why: expect.stringContaining('docs/guides/sign-in.md'),
      })
      await grant('mailuser_id, server_id, email, login, password, disableimap')
      expect(await check('bob@example.com', { url })).toMatchObject({ outcome: 'accepted' })
    } finally {
      await asRoot(inject('mariaDb'), `DROP USER ${user}@'127.0.0.1'`)
    }
  })

  const textOf = (hash: PasswordHash) =>
    hash.kind === 'bcrypt' ? hash.text : `$6$rounds=${hash.rounds}$${hash.salt}$${hash.digest}`

  async function check(name = '', { servers = [] as readonly number[], url = tables.url } = {}) {
    await using database = connect<IspconfigSignInTables>('directory', url, { connections: 1 })
    await using checks = passwordChecks()
    const method = ispconfigSignIn({ database, checks }, { servers, timeout: 5000 })
    const credentials = { name, password: 'secret', remoteAddress: '192.0.2.1' }
    return await method.check(credentials, AbortSignal.timeout(20_000))
  }
})
