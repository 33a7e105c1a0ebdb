import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { directoryOptions } from '../../src/ground/config/options/directory-options.ts'
import type { Answer, Directory } from '../../src/ground/directory/directory.ts'
import { ldapDirectory } from '../../src/ground/directory/ldap/ldap-directory.ts'
import type { LdapSettings } from '../../src/ground/directory/ldap/settings.ts'
import { type DirectoryWorld, directoryContract } from '../contracts/directory.ts'
import { startScriptedServer } from '../servers/scripted-server.ts'
import { ldif, type Slapd, startSlapd } from '../servers/slapd.ts'

directoryContract({
  name: 'ldap',
  async make(world) {
    const slapd = await startSlapd({ entries: entriesOf(world) })
    const directory = directoryOn(slapd, {
      mailboxAttribute: 'proxyAddresses',
      nameAttribute: 'displayName',
      offFilter: '(accountStatus=disabled)',
      recipientDelimiter: world.recipientDelimiter ?? '',
    })
    return {
      directory,
      [Symbol.asyncDispose]: async () => {
        directory[Symbol.dispose]()
        await slapd[Symbol.asyncDispose]()
      },
    }
  },
})

/** As Exchange stores them: `mail` takes ASCII only. */
const entriesOf = ({ mailboxes, aliases = {} }: DirectoryWorld): string =>
  ldif(
    mailboxes.map(({ address, isOff, name, language }, index) => ({
      uid: `u${index}`,
      proxyAddresses: [
        `SMTP:${address}`,
        ...Object.keys(aliases)
          .filter(alias => aliases[alias]?.includes(address))
          .map(alias => `smtp:${alias}`),
      ],
      ...(isOff ? { accountStatus: 'disabled' } : {}),
      ...(name === undefined ? {} : { displayName: name }),
      ...(language === undefined ? {} : { preferredLanguage: language }),
    })),
  )

describe('a directory server', () => {
  let slapd: Slapd
  let directory: Directory & Disposable

  beforeAll(async () => {
    slapd = await startSlapd({
      entries: ENTRIES,
      global: ['referral ldap://elsewhere.example/'],
      database: ['sizelimit 5'],
    })
    directory = directoryOn(slapd, {
      filter: '(objectClass=inetOrgPerson)',
      offFilter: '(userAccountControl:1.2.840.113556.1.4.803:=2)',
      forwardAttributes: ['mailForwardingAddress'],
      outsideReaders: ['@partner.example'],
    })
  })
  afterAll(async () => {
    directory[Symbol.dispose]()
    await slapd[Symbol.asyncDispose]()
  })

  const ask = async (address: string): Promise<Answer | undefined> =>
    (await directory.find([address])).get(address)
  const readersOf = async (address: string) => (await ask(address))?.readers.map(reader => reader.address)

  test('an address of two entries is read by both, and the answer names them', async () => {
    const answer = await ask('shared@example.com')
    expect(answer?.readers.map(({ address }) => address)).toEqual(['bob@example.com', 'zoe@example.com'])
    expect(new Set(answer?.by.map(({ row }) => row))).toEqual(
      new Set(['uid=bob,dc=example,dc=com', 'uid=zoe,dc=example,dc=com']),
    )
  })

  test('each attribute with addresses counts, and each way to write one', async () => {
    for (const address of ['alternate@example.com', 'local@example.com', 'proxy@xn--bcher-kva.example'])
      expect(await readersOf(address)).toEqual(['bob@example.com'])
    expect(await readersOf('voice@example.com')).toEqual([])
  })

  test('of several addresses in the attribute of the mailbox, the first in alphabetical order is the reader', async () => {
    for (const address of ['two@example.com', 'also-two@example.com'])
      expect(await readersOf(address)).toEqual(['also-two@example.com'])
  })

  test('the server says which mailboxes are switched off; of two entries of a mailbox, one is enough', async () => {
    expect((await ask('left@example.com'))?.readers).toMatchObject([{ isOff: true }])
    expect((await ask('bob@example.com'))?.readers).toMatchObject([{ isOff: false }])
  })

  test('an entry without a mailbox has no reader, and the answer names it', async () => {
    expect(await ask('nobody@example.com')).toEqual({
      readers: [],
      by: [{ is: 'unknown', from: 'nobody@example.com', to: null, row: 'uid=nobody,dc=example,dc=com' }],
    })
  })

  test('an entry that the filter leaves out does not count', async () => {
    expect(await ask('printer@example.com')).toMatchObject({ readers: [], by: [{ row: null }] })
  })

  test('facts that are too long, no text, or no language do not get in the way', async () => {
    const [huge] = (await ask('huge@example.com'))?.readers ?? []
    expect(huge?.name).toMatch(/^x{100}…$/)
    expect(huge?.language).toBe('de-AT')
    using octets = directoryOn(slapd, { nameAttribute: 'octets', languageAttribute: 'octets' })
    const answers = await octets.find(['huge@example.com'])
    expect(answers.get('huge@example.com')?.readers).toEqual([
      { address: 'huge@example.com', isOff: false, name: undefined, language: undefined },
    ])
  })

  test('mail that is sent on is read where it ends', async () => {
    expect(await readersOf('chain@example.com')).toEqual(['bob@example.com', 'eve@partner.example'])
    const steps = (await ask('chain@example.com'))?.by.map(({ is, to }) => [is, to])
    expect(steps).toContainEqual(['forward', 'further@example.com'])
    expect(steps).toContainEqual(['outside', null])
    expect(steps).toContainEqual(['outside', 'eve@partner.example'])
  })

  test('a loop ends, and whoever sends mail to the own address as well keeps it', async () => {
    expect(await ask('round@example.com')).toMatchObject({ readers: [], by: [{}, {}, { is: 'loop' }] })
    expect(await readersOf('keeps@example.com')).toEqual(['bob@example.com', 'keeps@example.com'])
  })

  test('a server that limits its answers is asked for less at once', async () => {
    const many = Array.from({ length: 40 }, (_, index) => `many${index}@example.com`)
    const answers = await directory.find(many)
    expect([...answers.values()].flatMap(({ readers }) => readers)).toHaveLength(40)
  })

  test('an address of more entries than the server shows has no reader', async () => {
    expect(await ask('crowd@example.com')).toMatchObject({ readers: [], by: [{ is: 'too-many' }] })
  })

  test('five hundred addresses take seven searches', async () => {
    using fresh = directoryOn(slapd)
    await fresh.find(Array.from({ length: 500 }, (_, index) => `none${index}@example.com`))
    // Operation 0 is the sign-in; the last search begins with the 481st address.
    await vi.waitFor(() => expect(slapd.log()).toMatch(/ op=7 SRCH base=.* filter="\(&\(\|\(mail=none480@/))
  })

  test('many questions at once get their own answers', async () => {
    const asked = Array.from({ length: 30 }, (_, index) => `many${index}@example.com`)
    const answers = await Promise.all(asked.map(address => readersOf(address)))
    expect(answers).toEqual(asked.map(address => [address]))
  })

  test('a connection that the server has closed is replaced', async () => {
    await slapd.stop()
    await expect(directory.find(['bob@example.com'])).rejects.toMatchObject({
      code: 'DIRECTORY_UNREACHABLE',
      message: `directory: no connection to localhost:${slapd.port} (ECONNREFUSED). Does the server run, and is directory.url right?`,
    })
    await slapd.start()
    expect(await readersOf('bob@example.com')).toEqual(['bob@example.com'])
  })

  test('a question is repeated if the connection turns out to be lost', async () => {
    await using proxy = await startScriptedServer(socket => {
      const isFirst = proxy.connections() === 1
      const onward = connect(slapd.port, '127.0.0.1')
      socket.on('data', (chunk: Buffer) => {
        if (isFirst && chunk.includes('zoe@example.com')) socket.resetAndDestroy()
        else onward.write(chunk)
      })
      onward.pipe(socket)
      socket.on('close', () => onward.destroy())
    })
    using proxied = directoryOn(slapd, { url: `ldap://127.0.0.1:${proxy.port}` })
    await proxied.find(['bob@example.com'])
    const answers = await proxied.find(['zoe@example.com'])
    expect(answers.get('zoe@example.com')?.readers).toHaveLength(1)
    expect(proxy.connections()).toBe(2)
  })

  test('a server that says nothing is given up, and asked again', async () => {
    let isSilent = false
    await using proxy = await startScriptedServer(socket => {
      const onward = connect(slapd.port, '127.0.0.1')
      socket.pipe(onward)
      onward.on('data', (chunk: Buffer) => isSilent || socket.write(chunk))
      socket.on('close', () => onward.destroy())
    })
    using impatient = directoryOn(slapd, { url: `ldap://127.0.0.1:${proxy.port}`, timeout: 500 })
    const find = async (address: string) => (await impatient.find([address])).get(address)?.readers
    const isThere = () =>
      vi.waitFor(async () => expect(await find('bob@example.com')).toHaveLength(1), 20_000)
    await isThere()
    isSilent = true
    const answers = await Promise.allSettled([find('bob@example.com'), find('zoe@example.com')])
    const reason = { code: 'DIRECTORY_UNREACHABLE', message: expect.stringContaining('within 0.5 s') }
    expect(answers).toMatchObject([{ reason }, { reason }])
    isSilent = false
    await isThere()
  })

  test.each([
    [
      'a wrong password',
      { password: 'secret-password' },
      /refuses cn=amavis-digest,dc=example,dc=com or its/,
    ],
    ['an account that is not there', { bindDn: 'cn=no,dc=example,dc=com' }, /See directory\.bindDn/],
    ['a name that is none', { bindDn: 'amavis-digest' }, /refuses the search: invalid DN/],
    ['a base that is not there', { base: 'ou=no,dc=example,dc=com' }, /has no ou=no,dc=example,dc=com/],
    ['a base on another server', { base: 'dc=other' }, /refers to another server for dc=other/],
    ['no account', { bindDn: undefined, password: undefined }, /someone who has not signed in/],
  ] as const)('%s is refused, with what to do', async (_, options, message) => {
    using refused = directoryOn(slapd, options)
    const error = await refused.find(['bob@example.com']).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'DIRECTORY_REFUSED', message: expect.stringMatching(message) })
    expect(String(error)).not.toMatch(/secret-password/)
  })

  test.each([
    ['StartTLS', 'ldap'],
    ['ldaps', 'ldaps'],
  ] as const)('%s is used, with a certificate for this name of this authority', async (_, scheme) => {
    const port = scheme === 'ldap' ? slapd.port : slapd.tlsPort
    const startTls = scheme === 'ldap' ? true : undefined
    const findBy = async (host: string, caFile: string | undefined) => {
      using encrypted = directoryOn(slapd, { url: `${scheme}://${host}:${port}`, startTls, caFile })
      return await encrypted.find(['bob@example.com'])
    }
    const { authority, foreignAuthority } = slapd.certificates
    expect((await findBy('localhost', authority)).get('bob@example.com')?.readers).toHaveLength(1)
    await vi.waitFor(() => expect(slapd.log()).toMatch(/TLS established/))
    const refusal = { code: 'DIRECTORY_REFUSED', message: expect.stringContaining('cannot be verified') }
    await expect(findBy('localhost', foreignAuthority)).rejects.toMatchObject(refusal)
    await expect(findBy('localhost', undefined)).rejects.toMatchObject(refusal)
    await expect(findBy('127.0.0.1', authority)).rejects.toMatchObject(refusal)
  })
})

test('a server without TLS gets no password where TLS is wanted', async () => {
  await using plain = await startSlapd({ entries: ENTRIES, tls: false })
  using directory = directoryOn(plain, { startTls: true })
  await expect(directory.find(['bob@example.com'])).rejects.toMatchObject({
    code: 'DIRECTORY_REFUSED',
    message: expect.stringMatching(/does not encrypt: .* Use ldaps:/),
  })
  await vi.waitFor(() => expect(plain.log()).toMatch(/closed/))
  expect(plain.log()).not.toMatch(/BIND/)
})

test('a server that wants TLS is reported where none is used', async () => {
  await using strict = await startSlapd({ entries: ENTRIES, global: ['security simple_bind=128'] })
  using directory = directoryOn(strict)
  await expect(directory.find(['bob@example.com'])).rejects.toMatchObject({
    code: 'DIRECTORY_REFUSED',
    message: expect.stringMatching(/wants an encrypted connection/),
  })
})

test.each([
  ['a greeting of SMTP', Buffer.from('220 mail.example.com ESMTP\r\n')],
  ['what never ends', Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff])],
  ['thousands of the smallest messages', Buffer.from('3005020109730030050201097300'.repeat(50_000), 'hex')],
])('a server that answers with %s is given up', async (_, answer) => {
  await using other = await startScriptedServer(socket => socket.on('data', () => socket.write(answer)))
  using directory = ldapDirectory(optionsFor(`ldap://127.0.0.1:${other.port}`, { timeout: 200 }))
  await expect(directory.find(['bob@example.com'])).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' })
})

function directoryOn(slapd: Slapd, options: Partial<LdapSettings> = {}): Directory & Disposable {
  const { bindDn, password, certificates, port } = slapd
  const account = { bindDn, password, caFile: certificates.authority }
  return ldapDirectory(optionsFor(`ldap://localhost:${port}`, { ...account, ...options }))
}

const optionsFor = (url: string, options: Partial<LdapSettings>): LdapSettings => {
  const base = 'dc=example,dc=com'
  return { ...directoryOptions.parse({ kind: 'ldap', url, base }), url, base, ...options }
}

const ENTRIES = ldif([
  {
    uid: 'bob',
    mail: 'Bob@Example.com',
    mailAlternateAddress: ['alternate@example.com', 'shared@example.com'],
    mailLocalAddress: 'LOCAL@example.com',
    objectClass: ['inetOrgPerson', 'mailAccount', 'inetLocalMailRecipient'],
    proxyAddresses: [
      'smtp:proxy@bücher.example',
      'sip:voice@example.com',
      'X500:/o=Example/cn=voice@example.com',
    ],
  },
  { uid: 'zoe', mail: 'zoe@example.com', mailAlternateAddress: 'shared@example.com' },
  { uid: 'two', mail: ['two@example.com', 'also-two@example.com'] },
  { uid: 'left', mail: 'left@example.com', userAccountControl: '514' },
  { uid: 'left-again', mail: 'left@example.com', userAccountControl: '512' },
  { uid: 'nobody', mailAlternateAddress: 'nobody@example.com' },
  {
    uid: 'printer',
    objectClass: ['account', 'mailAccount'],
    cn: [],
    sn: [],
    mailAlternateAddress: 'printer@example.com',
  },
  {
    uid: 'huge',
    mail: 'huge@example.com',
    cn: 'x'.repeat(1_000_000),
    preferredLanguage: '<, xx;q=0, fr;q=0.3, de_AT;q=0.9',
    octets: new Uint8Array([0xff, 0x00, 0xfe]),
  },
  {
    uid: 'chain',
    mailAlternateAddress: 'chain@example.com',
    mailForwardingAddress: ['further@example.com', 'eve@partner.example'],
  },
  {
    uid: 'further',
    mail: 'further@example.com',
    mailForwardingAddress: ['shared-not@elsewhere.example', 'bob@example.com'],
  },
  { uid: 'round', mail: 'round@example.com', mailForwardingAddress: 'trip@example.com' },
  { uid: 'trip', mail: 'trip@example.com', mailForwardingAddress: 'round@example.com' },
  {
    uid: 'keeps',
    mail: 'keeps@example.com',
    mailForwardingAddress: ['keeps@example.com', 'bob@example.com'],
  },
  ...Array.from({ length: 40 }, (_, index) => ({
    uid: `many${index}`,
    mail: `many${index}@example.com`,
    ...(index < 10 ? { mailAlternateAddress: 'crowd@example.com' } : {}),
  })),
]).concat(
  '\ndn: cn=elsewhere,dc=example,dc=com\nobjectClass: referral\nobjectClass: extensibleObject\ncn: elsewhere\nref: ldap://127.0.0.1:1/cn=elsewhere,dc=example,dc=com\n',
)
