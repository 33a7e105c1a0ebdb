import { afterAll, beforeAll, beforeEach, describe, expect, inject as provided, test, vi } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import {
  type IspconfigSenderTables,
  ispconfigSenders,
} from '../../src/ground/senders/ispconfig/ispconfig-senders.ts'
import { ispconfigApiSenders } from '../../src/ground/senders/ispconfig-api/ispconfig-api-senders.ts'
import type { PanelSettings } from '../../src/ground/senders/ispconfig-api/panel.ts'
import type { SenderLists } from '../../src/ground/senders/sender-lists.ts'
import { type Amavisd, startAmavisd } from '../servers/amavisd.ts'
import { type Certificates, makeCertificates } from '../servers/certificates.ts'
import { heldRows, waitForHeld } from '../servers/held.ts'
import { inject } from '../servers/inject.ts'
import { asRoot } from '../servers/mariadb.ts'
import { type PanelServer, startPanel } from '../servers/panel.ts'
import { cleanMail, spamMail } from '../servers/samples.ts'
import { type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import { createStorage, type MariaDbStorage } from '../servers/storage.ts'
import { addRows, createIspconfig } from './ispconfig-tables.ts'
import { STOCK_POLICIES, userConfig } from './ispconfig-world.ts'

const stack = new AsyncDisposableStack()
let tables: MariaDbStorage
let storage: MariaDbStorage
let sink: SmtpSink
let amavisd: Amavisd
let panel: PanelServer
let certificates: Certificates
const kinds: Record<'ispconfig' | 'ispconfig-api', SenderLists> = Object.create(null)

beforeAll(async () => {
  tables = stack.use(await createIspconfig(provided('mariaDb')))
  storage = stack.use(await createStorage(provided('mariaDb')))
  await fill()
  certificates = stack.use(makeCertificates('nobody'))
  panel = stack.use(await startPanel(tables, certificates))
  sink = stack.use(await startSmtpSink())
  amavisd = stack.use(await startAmavisd({ storage, sink }, { extra: userConfig(tables) }))
  kinds['ispconfig-api'] = stack.use(ispconfigApiSenders(settings()))
  kinds.ispconfig = ispconfigSenders(
    stack.use(connect<IspconfigSenderTables>('ISPConfig senders', tables.url, { connections: 2 })),
    { timeout: 5000 },
  )
})
afterAll(() => stack.disposeAsync())
beforeEach(async () => {
  await tables.query('DELETE FROM spamfilter_wblist')
  panel.calls.length = 0
  panel.interfere()
  panel.permit(() => true)
  panel.letIn(true)
})

const settings = (other: Partial<PanelSettings> = {}): PanelSettings => ({
  url: panel.url,
  user: panel.user,
  password: panel.password,
  caFile: certificates.authority,
  timeout: 5000,
  ...other,
})

async function fill(): Promise<void> {
  await addRows(tables, 'server', [{ server_id: 1, server_name: 'mx.example.com' }])
  await addRows(tables, 'spamfilter_policy', STOCK_POLICIES)
  await addRows(tables, 'client', [{ client_id: 9 }])
  await addRows(tables, 'sys_group', [{ groupid: 12, client_id: 9 }])
  await addRows(tables, 'sys_user', [{ userid: 33, default_group: 12, client_id: 9 }])
  await addRows(tables, 'mail_user', [
    { email: 'alice@example.com', sys_userid: 33, sys_groupid: 12 },
    { email: 'ida@example.com', sys_userid: 33, sys_groupid: 12 },
  ])
  await addRows(tables, 'spamfilter_users', [
    { id: 1, email: 'alice@example.com', policy_id: 6, sys_groupid: 12, sys_userid: 33, server_id: 1 },
    // As the admin makes it in the panel, so that only the mailbox tells whose it is.
    { id: 2, email: 'ida@example.com', policy_id: 0, sys_groupid: 1, sys_userid: 1 },
    { id: 3, email: '@example.com', priority: 5, policy_id: 6 },
    { id: 4, email: 'a%e@example.com', policy_id: 6 },
  ])
}

const stored = () =>
  tables.query<Record<string, unknown>>(
    `SELECT rid, wb, email, priority, active, server_id, sys_userid, sys_groupid, sys_perm_user, sys_perm_group,
       sys_perm_other FROM spamfilter_wblist ORDER BY wblist_id`,
  )

const addEntry = (row: Readonly<Record<string, unknown>>) =>
  addRows(tables, 'spamfilter_wblist', [{ rid: 1, wb: 'W', priority: 5, ...row }])

describe.each(['ispconfig', 'ispconfig-api'] as const)('%s', kind => {
  const lists = () => kinds[kind]
  const ALICE = 'alice@example.com'

  test('an entry is a row as the panel makes it, of the client to whom the mailbox belongs', async () => {
    await lists().set(ALICE, { sender: 'bob@b.example', list: 'allow' })
    await lists().set('ida@example.com', { sender: '@b.example', list: 'block' })
    const owner = {
      sys_userid: 33,
      sys_groupid: 12,
      sys_perm_user: 'riud',
      sys_perm_group: 'riud',
      sys_perm_other: '',
    }
    expect(await stored()).toEqual([
      { rid: 1, wb: 'W', email: 'bob@b.example', priority: 7, active: 'y', server_id: 1, ...owner },
      { rid: 2, wb: 'B', email: '@b.example', priority: 4, active: 'y', server_id: 1, ...owner },
    ])
  })

  test('entries of others are shown in whatever form, and say whether amavisd follows them', async () => {
    for (const email of ['Bob@B.example', '*@c.example', 'c.example', '@.', 'x'.repeat(255)])
      await addEntry({ email })
    await addEntry({ email: 'off@b.example', wb: 'B', active: 'n' })
    expect(await lists().read(ALICE)).toEqual({
      standing: 'follows',
      entries: [
        { sender: '*@c.example', list: 'allow', counts: false },
        { sender: '@.', list: 'allow', counts: true },
        { sender: 'bob@b.example', list: 'allow', counts: true },
        { sender: 'c.example', list: 'allow', counts: false },
        { sender: 'off@b.example', list: 'block', counts: false },
        { sender: 'x'.repeat(255), list: 'allow', counts: false },
      ],
    })
    expect(await lists().remove(ALICE, '*@c.example')).toBe(true)
    expect(await lists().remove(ALICE, '*@c.example')).toBe(false)
  })

  test('a sender has one entry, whatever was there', async () => {
    await addEntry({ email: 'BOB@b.example', active: 'n' })
    await addEntry({ email: 'bob@b.example', wb: 'B' })
    await addEntry({ email: 'eve@b.example', wb: 'B' })
    await lists().set(ALICE, { sender: 'bob@b.example', list: 'allow' })
    const { entries } = await lists().read(ALICE)
    expect(entries.map(({ sender, list }) => `${list} ${sender}`).toSorted()).toEqual([
      'allow bob@b.example',
      'block eve@b.example',
    ])
    expect(await stored()).toHaveLength(2)
  })

  test('writers at the same time leave one entry', async () => {
    const writers = ['allow', 'allow', 'allow', 'allow'] as const
    await Promise.all(writers.map(list => lists().set(ALICE, { sender: 'bob@b.example', list })))
    expect(await stored()).toMatchObject([{ wb: 'W', email: 'bob@b.example' }])
  })

  test('an address without settings has no lists, and one with a percent sign is nobody else', async () => {
    expect(await lists().read('nobody@example.com')).toEqual({ standing: 'unknown', entries: [] })
    await addEntry({ email: 'bob@b.example', rid: 1 })
    expect(await lists().read('a%e@example.com')).toEqual({ standing: 'follows', entries: [] })
    expect(await lists().read('%@example.com')).toEqual({ standing: 'unknown', entries: [] })
    await expect(
      lists().set('%@example.com', { sender: 'a@b.example', list: 'allow' }),
    ).rejects.toMatchObject({
      code: 'SENDERS_REFUSED',
      message: expect.stringContaining('In the panel, choose a policy for it'),
    })
  })

  test('amavisd passes the next mail of an allowed sender, and holds that of a blocked one', async () => {
    await lists().set(ALICE, { sender: 'friend@b.example', list: 'allow' })
    await lists().set(ALICE, { sender: '@c.example', list: 'block' })
    // A mailbox that inherits: its own lists are ignored, which is said.
    await lists().set('ida@example.com', { sender: 'friend@b.example', list: 'allow' })
    expect(await lists().read('ida@example.com')).toMatchObject({ standing: 'inherits' })
    sink.clear()
    const to = [ALICE, 'ida@example.com']
    await inject(amavisd.smtpPort, { from: 'friend@b.example', to }, spamMail({ from: 'friend@b.example' }))
    await inject(
      amavisd.smtpPort,
      { from: 'any@c.example', to: [ALICE] },
      cleanMail({ from: 'any@c.example' }),
    )
    await waitForHeld(storage, row => row.email === ALICE)
    expect(sink.mails.map(mail => [mail.from, ...mail.to])).toEqual([['friend@b.example', ALICE]])
    const held = await heldRows(storage)
    expect(held.map(({ email, content }) => `${content} ${email}`).toSorted()).toEqual(
      expect.arrayContaining(['S alice@example.com', 'S ida@example.com']),
    )
    for (const table of ['msgs', 'msgrcpt', 'quarantine']) await storage.query(`DELETE FROM ${table}`)
  })
})

describe('ispconfig on several servers, or with less rights', () => {
  test('nothing is written where there are two mail servers', async () => {
    await addRows(tables, 'server', [{ server_id: 2, server_name: 'mx2.example.com' }])
    try {
      await expect(
        kinds.ispconfig.set('alice@example.com', { sender: 'a@b.example', list: 'allow' }),
      ).rejects.toMatchObject({ code: 'SENDERS_REFUSED', message: expect.stringContaining('ispconfig-api') })
      expect(await stored()).toEqual([])
    } finally {
      await tables.query('DELETE FROM server WHERE server_id = 2')
    }
  })

  test('the GRANTs that an error names are all that it takes', async () => {
    const user = `${tables.database}_s`
    const account = `${user}@'127.0.0.1'`
    const root = (statement: string) => asRoot(tables.server, statement, tables.database)
    await root(
      `CREATE USER ${account} IDENTIFIED BY 'secret'; GRANT SELECT (name) ON mail_user TO ${account}`,
    )
    const url = `mysql://${user}:secret@127.0.0.1:${tables.server.port}/${tables.database}`
    await using database = connect<IspconfigSenderTables>('ISPConfig senders', url, { connections: 1 })
    const lists = ispconfigSenders(database, { timeout: 5000 })
    try {
      const refused: unknown = await lists.read('alice@example.com').catch(error => error)
      expect(refused).toMatchObject({ code: 'SENDERS_REFUSED' })
      const grants = /As a database admin: (.*)$/.exec(String(refused))?.[1] ?? ''
      expect(grants).not.toMatch(/UPDATE,|config/)
      await root(`${grants.replace(/;?$/, ';')} REVOKE DELETE ON spamfilter_wblist FROM ${account}`)
      await expect(lists.prove()).rejects.toThrow(/GRANT [^;]*DELETE/)
      await root(grants)
      await lists.prove()
      for (const list of ['allow', 'block'] as const)
        await lists.set('alice@example.com', { sender: 'a@b.example', list })
      expect(await lists.remove('alice@example.com', 'a@b.example')).toBe(true)
      expect(await lists.panel.inheriting(10)).toEqual(['ida@example.com'])
    } finally {
      await root(`DROP USER ${account}`)
    }
  })
})

describe('ispconfig-api', () => {
  const refusal = async (lists: SenderLists, act: (all: SenderLists) => Promise<unknown> = add) => {
    const error: unknown = await act(lists).then(
      () => 'no error',
      failure => failure,
    )
    expect(String(error)).not.toContain(panel.password)
    return error as { code: string; message: string }
  }
  const add = (lists: SenderLists) =>
    lists.set('alice@example.com', { sender: 'bob@b.example', list: 'allow' })
  const api = () => kinds['ispconfig-api']

  test('one sign-in serves all, ends with the program, and is made again when it is over', async () => {
    const before = panel.sessions()
    const lists = ispconfigApiSenders(settings())
    await Promise.all([lists.read('alice@example.com'), lists.read('ida@example.com')])
    expect(panel.calls.filter(name => name === 'login')).toHaveLength(1)
    panel.endSessions()
    await Promise.all([add(lists), lists.read('ida@example.com')])
    expect(panel.calls.filter(name => name === 'login')).toHaveLength(2)
    expect(await stored()).toHaveLength(1)
    await lists[Symbol.asyncDispose]()
    expect(panel.sessions()).toBeLessThanOrEqual(before)
    expect(panel.calls.at(-1)).toBe('logout')
  })

  const REFUSALS: readonly (readonly [string, () => void, RegExp])[] = [
    [
      'a function that the remote user may not call',
      () => panel.permit(name => name !== 'mail_spamfilter_whitelist_add'),
      /System, Remote Users, digest: tick "Mail spamfilter whitelist functions"/,
    ],
    [
      'a client that may not be looked up',
      () => panel.permit(name => !name.startsWith('client_')),
      /tick "Client functions"/,
    ],
    [
      'the limit of the client',
      () => fault('The max. number of entries is reached: limit.'),
      /Raise it in the panel/,
    ],
    [
      'any other fault',
      () => fault('something <b>else</b> broke'),
      /answers mail_spamfilter_whitelist_add with/,
    ],
  ]
  const fault = (message: string) =>
    panel.interfere(
      response => response.end(JSON.stringify({ code: 'remote_fault', message, response: false })),
      'mail_spamfilter_whitelist_add',
    )

  test.each(REFUSALS)('%s is refused with what to do', async (_, plant, words) => {
    plant()
    expect(await refusal(api())).toMatchObject({
      code: 'SENDERS_REFUSED',
      message: expect.stringMatching(words),
    })
    expect(await stored()).toEqual([])
  })

  test('a wrong address is refused with what to do, and goes on once it is let in', async () => {
    await using lists = ispconfigApiSenders(settings())
    panel.letIn(false)
    expect(await refusal(lists)).toMatchObject({
      code: 'SENDERS_REFUSED',
      message: expect.stringContaining('Remote Access IPs'),
    })
    panel.letIn(true)
    await add(lists)
    expect(await stored()).toHaveLength(1)
  })

  test('a wrong password is refused, and not tried so often that the panel locks this server out', async () => {
    await using lists = ispconfigApiSenders(settings({ password: 'wrong-secret' }))
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const error = await refusal(lists)
      expect(error).toMatchObject({
        code: 'SENDERS_REFUSED',
        message: expect.stringContaining('senders.password'),
      })
      expect(error.message).not.toContain('wrong-secret')
    }
    expect(panel.calls).toHaveLength(5)
    await add(api())
  })

  test.each([
    ['mail_spamfilter_whitelist_get', 'Mail spamfilter whitelist functions'],
    ['mail_spamfilter_blacklist_get', 'Mail spamfilter blacklist functions'],
    ['client_get_id', 'Client functions'],
  ])('without the right to %s, it is not proven that entries can be written', async (name, group) => {
    await kinds['ispconfig-api'].prove?.()
    panel.permit(called => called !== name)
    expect(await refusal(api(), lists => lists.prove?.() ?? Promise.resolve())).toMatchObject({
      code: 'SENDERS_REFUSED',
      message: expect.stringContaining(`tick "${group}"`),
    })
    expect(await tables.query('SELECT * FROM spamfilter_wblist')).toEqual([])
  })

  test('a panel that takes a change without making it is not believed', async () => {
    await add(api())
    panel.interfere(
      response => response.end('{"code":"ok","message":"","response":0}'),
      'mail_spamfilter_blacklist_update',
    )
    expect(
      await refusal(api(), lists =>
        lists.set('alice@example.com', { sender: 'bob@b.example', list: 'block' }),
      ),
    ).toMatchObject({ code: 'SENDERS_REFUSED', message: expect.stringContaining('does not have it') })
  })

  const AWAY: Readonly<Record<string, readonly [Parameters<PanelServer['interfere']>[0], RegExp]>> = {
    'a page instead of an answer': [
      response => response.end('<html>Wait</html>'),
      /something else than its API/,
    ],
    'an answer without a code': [response => response.end('[1]'), /something else than its API/],
    'a redirect': [
      response => response.writeHead(302, { location: 'https://elsewhere.example/' }).end(),
      /sends us on to https:\/\/elsewhere\.example/,
    ],
    'an error of its web server': [response => response.writeHead(502).end('<html>'), /HTTP status 502/],
    'no answer in time': [() => undefined, /did not answer within 500ms/],
    'a connection that breaks off': [response => response.destroy(), /cannot be reached \(ECONNRESET\)/],
    'an answer without an end': [
      response => {
        const chunk = Buffer.alloc(1_048_576, ' ')
        const go = () => response.writable && response.write(chunk, go)
        go()
      },
      /more than 16 MB/,
    ],
    maintenance: [
      response =>
        response.end(
          '{"code":"remote_fault","message":"This ISPConfig is under maintenance","response":false}',
        ),
      /Wait until its maintenance is over/,
    ],
  }

  test.each(Object.entries(AWAY))('%s means that the panel is away', async (_, [act, words]) => {
    await using lists = ispconfigApiSenders(settings({ timeout: 500 }))
    panel.interfere(act)
    expect(await refusal(lists)).toMatchObject({
      code: 'SENDERS_UNREACHABLE',
      message: expect.stringMatching(words),
    })
    panel.interfere()
    await vi.waitFor(() => add(lists))
  })

  test('a slow panel holds a change for as long as one answer may take, and not the page after it', async () => {
    await using lists = ispconfigApiSenders(settings({ timeout: 500 }))
    await lists.read('alice@example.com')
    const alice = '{"email":"alice@example.com","id":1,"policy_id":6}'
    panel.interfere((response, name) => {
      const records = name === 'mail_spamfilter_user_get' ? alice : ''
      setTimeout(() => response.end(`{"code":"ok","message":"","response":[${records}]}`), 300)
    })
    const away = {
      code: 'SENDERS_UNREACHABLE',
      message: expect.stringContaining('did not answer within 500ms'),
    }
    expect(await refusal(lists)).toMatchObject(away)
    const asked = panel.calls.length
    expect(await refusal(lists, ({ read }) => read('alice@example.com'))).toMatchObject(away)
    expect(panel.calls).toHaveLength(asked)
  })

  test('a panel that takes an entry without having it is not believed', async () => {
    panel.interfere(
      response => response.end('{"code":"ok","message":"","response":"17"}'),
      'mail_spamfilter_whitelist_add',
    )
    expect(await refusal(api())).toMatchObject({
      code: 'SENDERS_REFUSED',
      message: expect.stringContaining('does not have it'),
    })
  })

  test('a certificate is checked, and the password goes over http to this machine only', async () => {
    await using lists = ispconfigApiSenders(settings({ caFile: certificates.foreignAuthority }))
    expect(await refusal(lists)).toMatchObject({
      code: 'SENDERS_UNREACHABLE',
      message: expect.stringContaining('senders.caFile'),
    })
    expect(panel.calls).toEqual([])
    expect(() => ispconfigApiSenders(settings({ url: 'http://panel.example.com:8080' }))).toThrow(
      'expected https://',
    )
  })

  test('a panel that is stopped is away', async () => {
    await using other = await startPanel(tables)
    await using lists = ispconfigApiSenders(settings({ url: other.url, password: other.password }))
    await add(lists)
    await other.stop()
    expect(await refusal(lists)).toMatchObject({
      code: 'SENDERS_UNREACHABLE',
      message: expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/),
    })
  })
})
