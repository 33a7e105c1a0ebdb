import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../../../src/composition/sign-ins-of.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { beginSession } from '../../../../src/ground/sign-in/sessions.ts'
import { hold, updateRecipient } from '../../../embedded/held-mail.ts'
import { amavisHead, quarantine } from '../../../embedded/quarantined.ts'
import type { Answer, TestBrowser } from '../../../servers/test-browser.ts'
import { ADMIN, type ServedDesk, servedDesk } from '../admin/served-desk.ts'

const ALICE = 'alice@example.com'
const SHOP = 'alice+shop@example.com'
const BOB = 'bob@example.com'
const CARL = 'carl@other.example'
/** In the envelope only. */
const BCC = 'bcc@third.example'
const NAMES = [ALICE, SHOP, BOB, CARL, BCC]

/** `partition.mailId.rseqnum`, and whose it is. */
const MESSAGES = {
  own: { ref: '0.own.1', recipient: ALICE },
  alias: { ref: '0.alias.1', recipient: SHOP },
  mine: { ref: '0.both.1', recipient: ALICE },
  theirs: { ref: '0.both.2', recipient: CARL },
  twin: { ref: '7.twin.1', recipient: ALICE },
  bobs: { ref: '0.twin.1', recipient: BOB },
  virus: { ref: '0.virus.1', recipient: ALICE, content: 'V' },
  passed: { ref: '0.passed.1', recipient: ALICE, ds: 'P' },
} as const

type MessageName = keyof typeof MESSAGES

const FILES = ['', '/html', '/headers', '/state', '/source', '/file', '/attachment/0'] as const

/** The answers to `FILES`. */
const READ = [200, 200, 403, 200, 404, 404, 404]
const FULL = [200, 200, 200, 200, 200, 200, 200]
const NO_DOWNLOAD = [200, 200, 403, 200, 403, 403, 403]
const VIRUS_READ = [200, 403, 403, 200, 404, 404, 404]
const VIRUS_NO_DOWNLOAD = [200, 403, 403, 200, 403, 403, 403]
const NONE = [404, 404, 404, 404, 404, 404, 404]
/** Who may download nothing is told so, whatever the message. */
const NONE_AND_NO_DOWNLOAD = [404, 404, 403, 404, 403, 403, 403]
const SIGN_IN = [303, 303, 303, 303, 303, 303, 303]

interface Role {
  readonly come: () => Promise<{ readonly browser: TestBrowser; readonly root: string }>
  readonly sees: Readonly<Partial<Record<MessageName, readonly number[]>>>
  /** The addresses that this role may see anywhere. */
  readonly knows: readonly string[]
  /** For what it does not see. */
  readonly else?: readonly number[]
  readonly isLink?: true
}

const readable = { own: READ, alias: READ, mine: READ, twin: READ }
const all = { own: FULL, alias: FULL, mine: FULL, theirs: FULL, twin: FULL, bobs: FULL, virus: FULL }
const unsaved = (virus: readonly number[]) => ({
  ...{ own: NO_DOWNLOAD, alias: NO_DOWNLOAD, mine: NO_DOWNLOAD, twin: NO_DOWNLOAD, bobs: NO_DOWNLOAD },
  virus,
})

const ROLES: Readonly<Record<string, Role>> = {
  'a reader': {
    come: () => asReader(ALICE),
    sees: { ...readable, virus: VIRUS_READ },
    knows: [ALICE, SHOP],
  },
  'another reader': { come: () => asReader(CARL), sees: { theirs: READ }, knows: [CARL] },
  'a digest’s link': { come: () => byLink('digest'), sees: readable, knows: [ALICE, SHOP], isLink: true },
  'a message’s link': {
    come: () => byLink('release'),
    sees: { own: READ },
    knows: [ALICE, SHOP],
    isLink: true,
  },
  'an admin of the domain': {
    come: () => asAdmin('desk@example.com'),
    sees: unsaved(VIRUS_NO_DOWNLOAD),
    knows: [ALICE, SHOP, BOB],
    else: NONE_AND_NO_DOWNLOAD,
  },
  'an admin of another domain': {
    come: () => asAdmin('far@example.net'),
    sees: {},
    knows: [],
    else: NONE_AND_NO_DOWNLOAD,
  },
  'an admin who downloads nothing': {
    come: () => asAdmin('look@example.com'),
    sees: { ...unsaved(NO_DOWNLOAD), theirs: NO_DOWNLOAD },
    knows: NAMES,
    else: NONE_AND_NO_DOWNLOAD,
  },
  'the help desk, as a reader': {
    come: () => asHelpDesk('help@example.com', ALICE),
    sees: { ...readable, virus: VIRUS_READ },
    knows: [ALICE, SHOP],
  },
  'an admin, as a reader': {
    come: () => asHelpDesk('desk@example.com', ALICE),
    sees: { ...readable, virus: VIRUS_READ },
    knows: [ALICE, SHOP],
  },
  'an admin of everything': { come: () => asAdmin(ADMIN), sees: all, knows: NAMES },
  nobody: {
    come: async () => ({ browser: desk.browser(), root: '/mail' }),
    sees: {},
    knows: [],
    else: SIGN_IN,
  },
}

let desk: ServedDesk
let links: { readonly digest: string; readonly release: string }
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  desk = await servedDesk(
    {
      directory: { recipientDelimiter: '+' },
      http: { port: 0, perAddress: 10_000, perLink: 10_000 },
      admins: [
        ADMIN,
        { address: 'look@example.com', download: false },
        { address: 'desk@example.com', domains: ['example.com'] },
        { address: 'far@example.net', domains: ['example.net'] },
        { address: 'help@example.com', domains: ['example.com'], role: 'helpDesk', release: true },
      ],
    },
    cleanUp => cleanUps.push(cleanUp),
  )
  await holdAll()
  const dueAt = desk.time.clock()
  await desk.app.collect()
  await desk.app.run({ schedule: undefined, readers: undefined, dueAt })
  await desk.app.deliver({ dueAt })
  const text = desk.mails().find(({ to }) => to === ALICE)?.text ?? ''
  const own = text.slice(text.indexOf(subjectOf(MESSAGES.own.ref)))
  links = { digest: linkIn(text, /\/digest\/\S+/), release: linkIn(own, /\/release\/\S+/) }
})

beforeEach(async () => {
  for (const { ref } of Object.values(MESSAGES))
    await updateRecipient(desk.database.storage, keyOf(ref), { rs: ' ' })
})

afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

test.each(Object.entries(ROLES))('%s opens what is theirs, and nothing else', async (_, role) => {
  const { browser, root } = await role.come()
  for (const [name, { ref, recipient }] of messages()) {
    const answers: Answer[] = []
    for (const file of FILES) answers.push(await browser.get(`${root}/${ref}${file}`))
    expect([name, ...answers.map(({ status }) => status)]).toEqual([
      name,
      ...(role.sees[name] ?? role.else ?? NONE),
    ])
    // The head names everybody: only an admin of all domains sees it, among the headers.
    const seesHead = role.sees[name] === FULL
    for (const [index, answer] of answers.entries())
      if (!(seesHead && FILES[index] === '/headers')) expectNoNames(answer, recipient, role)
  }
})

test.each(Object.entries(ROLES))(
  '%s deletes and restores what is theirs, and nothing else',
  async (_, role) => {
    const { browser, root } = await role.come()
    await browser.get(root)
    for (const [name, { ref, recipient }] of messages()) {
      const [mayAct, status] = [role.sees[name] !== undefined, () => statusOf(ref)]
      for (const [verb, after] of [
        ['delete', 'D'],
        ['restore', ''],
      ] as const) {
        const answer = await browser.post(`${root}/${ref}`, { do: verb, button: 'yes' })
        expect([name, verb, answer.status]).toEqual([name, verb, mayAct ? 303 : refusalTo(role)])
        if (mayAct) expect([name, await status()]).toEqual([name, after])
        else expect([name, (await status()) === 'D']).toEqual([name, false])
        expectNoNames(answer, recipient, role)
      }
    }
  },
)

test.each(Object.entries(ROLES))('%s releases what is theirs, and nothing else', async (_, role) => {
  const { browser, root } = await role.come()
  await browser.get(root)
  const { sql } = desk.database.state
  for (const [name, { ref, recipient }] of messages()) {
    const answer = await browser.post(`${root}/${ref}`, { do: 'release', button: 'yes' })
    const asked = await sql.deleteFrom('digest_release').executeTakeFirst()
    // No policy lets anybody release a virus.
    const mayAct = role.sees[name] !== undefined && name !== 'virus'
    expect([name, Number(asked.numDeletedRows)]).toEqual([name, mayAct ? 1 : 0])
    expect([name, answer.status]).toEqual([name, mayAct ? 303 : role.sees[name] ? 403 : refusalTo(role)])
    expectNoNames(answer, recipient, role)
  }
})

const SESSIONS = Object.entries(ROLES).filter(([name, { isLink }]) => !isLink && name !== 'nobody')

test.each(SESSIONS)(
  '%s finds what is theirs in the list, in the summary and by every search',
  async (_, role) => {
    const { browser, root } = await role.come()
    const listed = messages().filter(([name]) => role.sees[name])
    for (const q of [
      '',
      'Subject',
      'id:both',
      'id:twin',
      `to:${CARL}`,
      `from:sam@sender.example.net`,
      'type:virus',
    ]) {
      const answer = await browser.get(`${root}?${new URLSearchParams({ q })}`)
      expect(answer.status).toBe(200)
      const wanted = listed.filter(([, { ref, recipient }]) => matches(q, ref, recipient))
      expect([q, subjectsIn(answer)]).toEqual([
        q,
        [...new Set(wanted.map(([, { ref }]) => subjectOf(ref)))].sort(),
      ])
      expectNoNames(answer, q.startsWith('to:') ? CARL : '', role)
    }
    const summary = await browser.get(`${root}/summary`)
    expect(summary.status).toBe(200)
    expectNoNames(summary, '', role)
  },
)

test.each(SESSIONS)('%s ticks everything, and deletes what is theirs', async (_, role) => {
  const { browser, root } = await role.come()
  await browser.get(root)
  const ticks = messages().map(([, { ref }]) => ['message', ref] as const)
  const begun = await browser.post(root, [['act', 'delete'], ...ticks])
  expect(begun.status).toBe(303)
  while (await desk.app.workOnBulks(new AbortController().signal));
  for (const [name, { ref }] of messages())
    expect([name, await statusOf(ref)]).toEqual([name, role.sees[name] ? 'D' : ''])
  const progress = await browser.get(begun.location ?? '')
  expect(progress.text).toContain('8 of 8 done')
  expectNoNames(progress, '', role)
  for (const [, other] of SESSIONS)
    if (other !== role) {
      const { browser: theirs, root: at } = await other.come()
      const path = (begun.location ?? '').replace(root, at)
      expect((await theirs.get(path)).status).toBe(404)
    }
})

test('a number that only another recipient has leads a link or a whole message nowhere', async () => {
  const digest = await byLink('digest')
  for (const path of ['0.both', '0.both.2', '0.both.3', '0.twin.1', '0.twin', '0.virus.1'])
    expect((await digest.browser.get(`${digest.root}/${path}`)).status, path).toBe(404)
  const reader = await asReader(ALICE)
  const whole = await reader.browser.get(`${reader.root}/0.both`)
  expect(whole.status).toBe(200)
  expectNoNames(whole, '', { knows: [ALICE] })
})

test('a message is a virus to all of its recipients, also to one for whom it was not scanned', async () => {
  const mail = { mailId: 'spread', receivedAt: desk.time.clock() - HOUR, messageContent: 'V' }
  const { storage } = desk.database
  await hold(storage, { ...mail, recipient: BOB, rseqnum: 1, content: 'V' })
  await hold(storage, { ...mail, recipient: ALICE, rseqnum: 2, content: 'S' })
  await quarantine(storage, { partitionTag: 0, mailId: 'spread', rseqnum: 1 }, textOf('spread'))
  for (const come of [() => asReader(ALICE), () => asAdmin('desk@example.com')]) {
    const { browser, root } = await come()
    expect((await browser.get(`${root}/0.spread.2`)).text).not.toContain('The text of spread')
    expect((await browser.get(`${root}/0.spread.2/html`)).status).toBe(403)
  }
})

/** Refused like what does not exist; to somebody without a session, as such. */
const refusalTo = (role: Role): number => (role.else === SIGN_IN ? 401 : 404)

const messages = () => Object.entries(MESSAGES) as [MessageName, { ref: string; recipient: string }][]

function expectNoNames({ text, headers }: Answer, recipient: string, { knows }: Pick<Role, 'knows'>): void {
  const whole = [text, ...headers].join('\n')
  for (const name of NAMES) if (name !== recipient && !knows.includes(name)) expect(whole).not.toContain(name)
  expect(whole).not.toContain('X-Envelope-To')
}

const matches = (q: string, ref: string, recipient: string): boolean => {
  if (q.startsWith('id:')) return ref.split('.')[1] === q.slice(3)
  if (q.startsWith('to:')) return recipient === q.slice(3)
  return q !== 'type:virus' || ref === MESSAGES.virus.ref
}

const subjectOf = (ref: string): string => `Subject ${ref.split('.').slice(0, 2).join('-')}`

const subjectsIn = ({ text }: Answer): string[] =>
  [
    ...new Set(Array.from(text.matchAll(/<bdi>(Subject [^<]+)<\/bdi><\/a>/g), ([, subject = '']) => subject)),
  ].sort()

async function holdAll(): Promise<void> {
  const { storage } = desk.database
  for (const { ref, recipient, ...more } of Object.values(MESSAGES)) {
    const key = keyOf(ref)
    const mail = { ...key, ...more, recipient, subject: subjectOf(ref), receivedAt: desk.time.clock() - HOUR }
    await hold(storage, mail)
    if (key.rseqnum === 1) await quarantine(storage, key, textOf(key.mailId))
  }
}

function keyOf(ref: string) {
  const [partitionTag = 0, mailId = '', rseqnum = 1] = ref.split('.')
  return { partitionTag: Number(partitionTag), mailId: String(mailId), rseqnum: Number(rseqnum) }
}

async function statusOf(ref: string): Promise<string> {
  const { partitionTag, mailId, rseqnum } = keyOf(ref)
  const row = await desk.database.storage.sql
    .selectFrom('msgrcpt')
    .select('rs')
    .where('partition_tag', '=', partitionTag)
    .where('mail_id', '=', mailId)
    .where('rseqnum', '=', rseqnum)
    .executeTakeFirstOrThrow()
  return row.rs.trim()
}

const textOf = (mailId: string): string =>
  `${amavisHead(mailId, NAMES, `X-Envelope-To-Blocked: <${BCC}>\n`)}From: Sam <sam@sender.example.net>
Subject: Subject of ${mailId}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=cut

--cut
Content-Type: text/html; charset=utf-8

<p>The text of ${mailId}</p>
--cut
Content-Type: application/octet-stream; name="list.bin"
Content-Disposition: attachment; filename="list.bin"

An attachment
--cut--
`

async function asReader(address: string) {
  const browser = desk.browser()
  const reader = { kind: 'reader', address, mailTo: address } as const
  const { state } = desk.database
  const value = await beginSession({ state, clock: desk.time.clock, limits: SIGN_IN_LIMITS }, reader)
  const name = '__Host-amavis-digest-reader'
  browser.cookies.set(name, { name, value })
  return { browser, root: '/mail' }
}

const asAdmin = async (address: string) => ({ browser: await desk.signedIn(address), root: '/admin/held' })

const byLink = async (kind: 'digest' | 'release') => ({
  browser: desk.browser(),
  root: `${links[kind]}/held`,
})

const asHelpDesk = async (address: string, reader: string) => ({
  browser: await desk.signedIn(address),
  root: `/admin/as/${reader}`,
})

/** The path of the first link of this form in a mail. */
function linkIn(text: string, form: RegExp): string {
  const found = form.exec(text)?.[0]
  if (found === undefined) throw new Error(`no link like ${form}`)
  return found
}
