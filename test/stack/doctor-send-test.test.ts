import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/ground/config/load.ts'
import { openMailbox } from '../../src/ground/mail/mailbox.ts'
import type { LookWhere } from '../../src/work/doctor/run-checks.ts'
import { reachesMailbox } from '../../src/work/doctor/send-test/reaches-mailbox.ts'
import type { Amavisd } from '../servers/amavisd.ts'
import type { AmavisdOptions } from '../servers/amavisd-conf.ts'
import { type Dovecot, startDovecot } from '../servers/dovecot.ts'
import { heldRows } from '../servers/held.ts'
import { afterRelease, startScriptedServer } from '../servers/scripted-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Settings } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())
beforeEach(() => world.reset())

const ALICE = 'alice@example.com'

/** The findings of a test within this process, which is quicker than a command. */
async function sendTest(
  amavisd: Amavisd,
  settings: Partial<Settings> = {},
  where: LookWhere = {},
): Promise<readonly string[]> {
  using program = await world.configure({
    release: { via: `tcp://127.0.0.1:${amavisd.amPdpPort}` },
    ...settings,
  })
  const config = loadConfig(program.configFile, {}, () => {})
  await using app = await createApp(config, { log: pino({ enabled: false }), clock: Date.now })
  const found = await app.doctor.sendTest(ALICE, `smtp://127.0.0.1:${amavisd.smtpPort}`, where)
  await app.collect()
  return found.map(({ status, message }) => `${status}: ${message}`)
}

/** The findings of `send-test`, as `doctor --json` prints them, and the exit status of the command. */
async function commandSendTest(amavisd: Amavisd): Promise<{ status: number; found: readonly string[] }> {
  using program = await world.configure({
    release: { via: `tcp://127.0.0.1:${amavisd.amPdpPort}` },
    publicUrl: 'http://127.0.0.1:9',
  })
  const through = ['--through', `smtp://127.0.0.1:${amavisd.smtpPort}`]
  const { status, stdout } = await program.command(
    'doctor',
    '--json',
    '--dns',
    '127.0.0.1:9',
    '--send-test',
    ALICE,
    ...through,
  )
  const { checks } = JSON.parse(stdout) as { checks: { id: string; status: string; message: string }[] }
  const found = checks
    .filter(({ id }) => id === 'send-test')
    .map(check => `${check.status}: ${check.message}`)
  return { status, found }
}

test('a test mail is held, listed, released and handed to the mail server, and leaves nothing behind', async () => {
  const [waiting] = await hold(world, ALICE, { subject: 'Not of the test' })
  const { found } = await commandSendTest(world.amavisd)
  expect(found).toEqual([
    expect.stringMatching(/^ok: Held, and seen in the quarantine/),
    expect.stringMatching(/^ok: Digest accepted: 250/),
    expect.stringMatching(/^ok: Released: 250 .* from MTA\(smtp:\[127\.0\.0\.1\]:\d+\): 250/),
    expect.stringMatching(/^ok: Not held again/),
  ])
  expect(world.mta.mails.map(({ to, parsed }) => [to, parsed.subject])).toEqual([
    [[ALICE], 'Test of the mail quarantine'],
  ])
  const [digest] = world.digests.mails
  expect(digest?.to).toEqual([ALICE])
  expect(digest?.parsed.text).toContain('Test of the mail quarantine')
  expect(digest?.parsed.text).not.toContain('Not of the test')
  const audit = await world.state.query<{ action: string; outcome: string }>(
    "SELECT action, outcome FROM digest_audit WHERE actor = 'doctor' ORDER BY at",
  )
  expect(audit).toEqual([
    { action: 'run', outcome: 'made' },
    { action: 'release', outcome: 'released' },
  ])
  world.digests.clear()
  expect(await runJson(world.program)).toMatchObject({ digests: 1, items: 1 })
  const [next] = world.digests.mails
  expect(next?.parsed.text).toContain('Not of the test')
  expect(next?.parsed.text).not.toContain('Test of the mail quarantine')
  expect(waiting.subject).toBe('Not of the test')
})

interface Planted {
  readonly fault: string
  readonly amavisd: AmavisdOptions
  /** The last finding. */
  readonly found: RegExp
}

const PLANTED: readonly Planted[] = [
  {
    fault: 'a policy that passes spam',
    amavisd: { spam: 'pass' },
    found: /^fail: Not held: amavisd passed the test mail on/,
  },
  {
    fault: 'a policy that rejects spam',
    amavisd: { spam: 'reject', extra: "$spam_quarantine_to = '';" },
    found: /^fail: Not held: the filter refused the test mail .*554/,
  },
  {
    fault: 'a domain that amavisd does not call local',
    amavisd: { localDomains: ['other.example'] },
    found: /^fail: Held, but in no digest/,
  },
  {
    fault: '$release_method that leads back into the filter',
    amavisd: { extra: '$release_method = "smtp:[127.0.0.1]:$inet_socket_port->[0]";' },
    found: /^fail: Lost in a loop/,
  },
  {
    fault: '$release_method that leads nowhere',
    amavisd: { extra: "$release_method = 'smtp:[127.0.0.1]:9';" },
    found: /^fail: Not released: amavisd could not hand the mail on: 4/,
  },
  {
    fault: '$notify_method that leads nowhere',
    amavisd: { extra: "$notify_method = 'smtp:[127.0.0.1]:9';" },
    found: /^fail: Not released: amavisd could not hand the mail on: 4/,
  },
  {
    fault: '$notify_method with the port of a client that a release does not have',
    amavisd: { extra: "$notify_method = 'smtp:[127.0.0.1]:*';" },
    found: /^fail: Not released/,
  },
]

test.each(PLANTED)('finds $fault', async ({ amavisd, found }) => {
  await using faulty = await world.addAmavisd(amavisd)
  expect((await sendTest(faulty)).at(-1)).toMatch(found)
  // Nothing of it is left to be released or listed.
  expect((await heldRows(world.storage)).filter(row => row.ds !== 'P' && row.rs.trim() === '')).toEqual([])
  expect(await world.state.query('SELECT * FROM digest_item')).toEqual([])
  expect(await world.state.query('SELECT * FROM digest_release')).toEqual([])
})

test('finds a policy that discards spam without a copy, and says it when amavisd stores into another database', async () => {
  const conf = join(temporaryFolder(), 'amavisd.conf')
  writeFileSync(conf, "@storage_sql_dsn = (['DBI:mysql:database=elsewhere;host=127.0.0.1', 'a', 'b']);\n")
  await using faulty = await world.addAmavisd({ extra: "$spam_quarantine_to = '';" })
  expect(await sendTest(faulty)).toEqual([expect.stringMatching(/^fail: Held without a copy/)])
  const found = await sendTest(faulty, {}, { amavisConf: conf })
  expect(found).toEqual([expect.stringMatching(/^fail: Not seen: .*\/elsewhere/)])
})

test('says it when the SMTP server refuses the digest', async () => {
  world.digests.answerRecipient(ALICE, '550 5.1.1 No such user')
  const { found, status } = await commandSendTest(world.amavisd)
  expect(found.at(-1)).toMatch(/^fail: Digest lost: .*550 5\.1\.1 No such user/)
  expect(status).toBe(1)
  expect(world.mta.mails).toEqual([])
})

test('sends nothing to an address that gets no digests, or that is none', async () => {
  const settings = { directory: { kind: 'amavis', url: world.storage.url } } as const
  expect(await sendTest(world.amavisd, settings)).toEqual([expect.stringMatching(/^fail: /)])
  expect(await heldRows(world.storage)).toEqual([])
})

test('says it when amavisd never answers', async () => {
  await using silent = await startScriptedServer(afterRelease(() => {}))
  const release = { via: `tcp://127.0.0.1:${silent.port}`, timeout: '1s' }
  const found = await sendTest(world.amavisd, { release })
  expect(found.at(-1)).toMatch(/^fail: Never answered/)
  expect((await heldRows(world.storage)).map(({ rs }) => rs)).toEqual(['D'])
})

test('says it when nobody takes the mail', async () => {
  expect(await sendTest({ ...world.amavisd, smtpPort: 9 })).toEqual([
    expect.stringMatching(/^fail: Not held: the filter could not be asked/),
  ])
})

describe('with a mailbox to look into', () => {
  const PASSWORD = 'Geheim/ 1'
  let dovecot: Dovecot
  beforeAll(async () => {
    dovecot = await startDovecot({ users: { [ALICE]: `{PLAIN}${PASSWORD}` } })
  })
  afterAll(() => dovecot?.[Symbol.asyncDispose]())

  const mailbox = ({ scheme = 'imaps', port = dovecot.tlsPort, password = PASSWORD } = {}) =>
    `${scheme}://${encodeURIComponent(ALICE)}:${encodeURIComponent(password)}@localhost:${port}`
  /** Root reads only what belongs to root. */
  const authority = () => {
    const file = join(temporaryFolder(), 'ca.pem')
    copyFileSync(dovecot.certificates.authority, file)
    return file
  }

  /** Puts a mail there, as a mail server would that takes it for spam. */
  async function deliver(mail: Buffer): Promise<void> {
    const client = new ImapFlow({
      host: 'localhost',
      port: dovecot.tlsPort,
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: ALICE, pass: PASSWORD },
      logger: false,
    })
    await client.connect()
    await client.mailboxCreate('Junk')
    await client.append('Junk', mail)
    await client.logout()
  }

  test('the released mail is found there, in whatever folder, over imaps and by STARTTLS', async () => {
    const url = mailbox({ scheme: 'imap', port: dovecot.port })
    const testing = sendTest(world.amavisd, { doctor: { mailbox: url, caFile: authority() } })
    const { raw, parsed } = await world.mta.waitFor(() => true)
    await deliver(raw)
    expect((await testing).at(-1)).toBe('ok: It is in the mailbox.')
    expect(await look(mailbox(), { messageId: parsed.messageId ?? '' })).toMatchObject({ status: 'ok' })
  })

  test('a server whose certificate nobody vouches for gets no password', async () => {
    const before = dovecot.log().match(/auth failed|Login/g)?.length
    const { message } = await look(mailbox(), { authorities: [] })
    expect(message).toMatch(/could not be opened: .*certificate/)
    expect(dovecot.log().match(/auth failed|Login/g)?.length).toBe(before)
  })

  test('mail that never arrives is lost behind the mail server', async () => {
    expect(await look(mailbox())).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/^Lost behind the mail server/),
    })
  })

  // Last: a refusal makes the next attempt wait for seconds.
  test('a mailbox that cannot be opened is named with what the server says, without its password', async () => {
    await using plain = await startScriptedServer(
      socket => void socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n'),
    )
    const faults = {
      [mailbox({ password: 'wrong-secret' })]: /could not be opened: .*[Aa]uthentication failed/,
      [mailbox({ port: 9 })]: /could not be opened: .*ECONNREFUSED/,
      [mailbox({ scheme: 'imap', port: plain.port })]: /could not be opened: /,
    }
    const looks = Object.entries(faults).map(async ([url, words]) => {
      const { status, message } = await look(url)
      expect(status).toBe('fail')
      expect(message).toMatch(words)
      expect(message).not.toMatch(/wrong-secret|Geheim/)
    })
    await Promise.all(looks)
  })

  const look = (
    url: string,
    {
      messageId = '<never@example.com>',
      authorities = [readFileSync(dovecot.certificates.authority, 'utf8')],
    } = {},
  ) =>
    reachesMailbox(
      { openMailbox: () => openMailbox(url, authorities) },
      { messageId, patience: 300, signal: new AbortController().signal },
    )
})
