import { expect, onTestFinished, test } from 'vitest'
import { DAY, MINUTE } from '../../../../../../src/ground/durations.ts'
import { hold } from '../../../../../embedded/held-mail.ts'
import { amavisHead, quarantine } from '../../../../../embedded/quarantined.ts'
import { afterRelease, startScriptedServer } from '../../../../../servers/scripted-server.ts'
import { ALICE, BOB, type ServedApi, servedApi } from '../../served-api.ts'

const MAIL_ID = 'Held0000MAIL'
const EVIL = '\u001b[31m\u202e<script>'

test('what is held is listed for each recipient, searched, put in order and paged', async () => {
  const { root, time } = await withMail()
  const all = (await root.call('GET', '/held')).json
  expect(all).toMatchObject({
    held: [
      {
        ref: `7.${MAIL_ID}.1`,
        mailId: MAIL_ID,
        partitionTag: 7,
        recipient: ALICE,
        reader: ALICE,
        from: `${EVIL} <sam@sender.example.net>`,
        subject: 'For both',
        time: new Date(time.now - MINUTE).toISOString(),
        type: 'banned',
        score: 7.5,
        reason: 'invoice.exe',
        state: 'held',
      },
      { ref: `7.${MAIL_ID}.2`, recipient: BOB },
      { subject: 'Older', type: 'spam', reason: 'spam with 9 points' },
    ],
    next: null,
    lookedBackTo: null,
    window: { from: new Date(time.now - 14 * DAY).toISOString() },
  })
  const one = (await root.call('GET', '/held?limit=1')).json
  expect(one.held).toEqual(all.held.slice(0, 1))
  const two = (await root.call('GET', `/held?limit=1&cursor=${one.next}`)).json
  expect(two.held).toEqual(all.held.slice(1, 2))
  const found = async (query: Record<string, string>) =>
    (await root.call('GET', `/held?${new URLSearchParams(query)}`)).json.held.map(
      ({ ref }: { ref: string }) => ref,
    )
  expect(await found({ recipient: BOB })).toEqual([`7.${MAIL_ID}.2`])
  expect(await found({ search: 'type:banned -to:alice@example.com' })).toEqual([`7.${MAIL_ID}.2`])
  expect(await found({ search: 'after:30d older' })).toHaveLength(1)
  expect((await found({ sort: 'score' }))[0]).toMatch(/^0\./)
  expect(await found({ search: 'is:deleted' })).toEqual([])
  for (const search of ['type:nonsense', 'is:lost', 'score:x', 'x'.repeat(1001)]) {
    const wrong = await root.call('GET', `/held?${new URLSearchParams({ search })}`)
    expect(wrong).toMatchObject({ status: 400, json: { errors: [{ parameter: 'search' }] } })
  }
})

test('a message is opened by its reference or its mail id, and its files are downloaded', async () => {
  const { root } = await withMail()
  const opened = await root.call('GET', `/held/${MAIL_ID}`)
  expect(opened).toMatchObject({
    status: 200,
    json: {
      mailId: MAIL_ID,
      recipient: ALICE,
      recipients: [{ recipient: ALICE }, { recipient: BOB }],
      rules: [
        { name: 'GTUBE', points: 1000 },
        { name: 'BAYES_00', points: -1.9 },
      ],
      text: 'Hello.',
      notShown: null,
      attachments: [
        {
          index: 0,
          name: 'résumé.exe',
          type: 'application/x-msdownload',
          size: 5,
          sha256: expect.any(String),
        },
      ],
    },
  })
  expect((await root.call('GET', `/held/7.${MAIL_ID}.2`)).json).toMatchObject({
    recipient: BOB,
    recipients: [{ recipient: BOB }],
  })
  expect((await root.call('GET', `/held/7.${MAIL_ID}?recipient=${BOB}`)).json.recipients).toHaveLength(1)
  const file = await root.call('GET', `/held/${MAIL_ID}/attachments/0`)
  expect(file).toMatchObject({ status: 200, text: 'ABCDE' })
  expect(Object.fromEntries(file.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="r_sum_.exe"; filename*=UTF-8\'\'r%C3%A9sum%C3%A9.exe',
    'x-content-type-options': 'nosniff',
  })
  const source = await root.call('GET', `/held/${MAIL_ID}/source`)
  expect(source.text).toContain('--b')
  expect(source.text).not.toContain(BOB)
  expect((await root.call('GET', `/held/${MAIL_ID}/headers`)).text).toContain('X-Quarantine-ID')
  expect(await root.call('GET', `/held/${MAIL_ID}/attachments/1`)).toMatchObject({
    status: 404,
    json: { code: 'MESSAGE_GONE' },
  })
  for (const path of ['/held/NoSuchMail12', `/held/8.${MAIL_ID}`, `/held/7.${MAIL_ID}.3`]) {
    expect(await root.call('GET', path)).toMatchObject({ status: 404, json: { code: 'HELD_UNKNOWN' } })
  }
})

test('a message is deleted, restored and released for one recipient', async () => {
  const { root, asked } = await withMail()
  const act = (method: string, rest: string) => root.call(method, `/held/${MAIL_ID}${rest}`)
  for (const [method, rest] of [
    ['DELETE', ''],
    ['POST', '/release'],
  ] as const) {
    expect(await act(method, rest)).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
  }
  expect((await act('DELETE', `?recipient=${ALICE}`)).json).toEqual({ status: 'deleted' })
  const stateOf = async () =>
    (await act('GET', '')).json.recipients.map(({ state }: { state: string }) => state)
  expect(await stateOf()).toEqual(['deleted', 'held'])
  expect((await act('POST', `/restore?recipient=${ALICE}`)).json).toEqual({ status: 'restored' })
  expect(await act('POST', `/release?recipient=${ALICE}`)).toMatchObject({
    status: 200,
    json: { status: 'released', code: null, reply: expect.stringContaining('250') },
  })
  expect((await act('POST', `/release?recipient=${ALICE}`)).json.status).toBe('already-released')
  expect((await act('DELETE', `?recipient=${ALICE}`)).json).toEqual({ status: 'already-released' })
  expect(await stateOf()).toEqual(['released', 'held'])
  const { releasedBy } = (await act('GET', '')).json
  expect(releasedBy).toMatchObject({ reader: null, admin: expect.stringMatching(/^root /) })
  expect(asked()).toBe(1)
})

test('several are deleted together, with an outcome for each, which only the key that began it sees', async () => {
  const { root, local, app } = await withMail()
  const begin = (body: object) => root.call('POST', '/held/bulk', body)
  const begun = await begin({ act: 'delete', search: 'older' })
  expect(begun).toMatchObject({ status: 202, json: { id: expect.any(String) } })
  while (await app.workOnBulks(new AbortController().signal));
  expect((await root.call('GET', `/held/bulk/${begun.json.id}`)).json).toMatchObject({
    act: 'delete',
    total: 1,
    done: 1,
    over: true,
    outcomes: [{ subject: 'Older', recipient: ALICE, status: 'deleted', code: null }],
  })
  expect(await local.call('GET', `/held/bulk/${begun.json.id}`)).toMatchObject({ status: 404 })
  for (const body of [{ act: 'delete' }, { act: 'delete', refs: ['x'], search: '' }]) {
    expect(await begin(body)).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
  }
  expect(await begin({ act: 'delete', search: 'type:nonsense' })).toMatchObject({
    json: { errors: [{ pointer: '#/search' }] },
  })
  const { days } = (await root.call('GET', '/held/summary?days=2')).json
  expect(days[0].counts).toMatchObject({ banned: 2, spam: 0 })
})

test('a key for some domains sees the recipients there, and not that there are others', async () => {
  const { local } = await withMail()
  const list = await local.call('GET', '/held')
  expect(list.json.held.map(({ recipient }: { recipient: string }) => recipient)).toEqual([ALICE, ALICE])
  const opened = await local.call('GET', `/held/${MAIL_ID}`)
  expect(opened.json.recipients).toHaveLength(1)
  const headers = await local.call('GET', `/held/${MAIL_ID}/headers`)
  for (const { text } of [list, opened, headers]) expect(text).not.toContain('example.org')
  const hidden = { status: 404, json: { code: 'HELD_UNKNOWN' } }
  for (const path of [`/held/7.${MAIL_ID}.2`, `/held/${MAIL_ID}?recipient=${BOB}`]) {
    expect(await local.call('GET', path)).toMatchObject(hidden)
    expect(await local.call('DELETE', path)).toMatchObject(hidden)
  }
})

test('held mail takes scopes of its own, each of which allows no more than it says', async () => {
  const { callerWith } = await withMail()
  const ref = `7.${MAIL_ID}.1`
  const requests = {
    read: ['GET', '/held'],
    open: ['GET', `/held/${ref}`],
    summary: ['GET', '/held/summary'],
    source: ['GET', `/held/${ref}/source`],
    headers: ['GET', `/held/${ref}/headers`],
    attachment: ['GET', `/held/${ref}/attachments/0`],
    delete: ['DELETE', `/held/${ref}`],
    restore: ['POST', `/held/${ref}/restore`],
    schedules: ['GET', '/schedules'],
  } as const
  const allowedBy = async (...scopes: Parameters<typeof callerWith>[0]['scopes'] & object) => {
    const caller = await callerWith({ name: 'some', scopes })
    const answers = await Promise.all(
      Object.entries(requests).map(async ([name, [method, path]]) => {
        const { status, json } = await caller.call(method, path)
        if (status !== 200)
          expect({ status, code: json.code }).toEqual({ status: 403, code: 'API_SCOPE_MISSING' })
        return status === 200 ? [name] : []
      }),
    )
    return answers.flat()
  }
  const reading = ['read', 'open', 'summary']
  expect(await allowedBy('write')).toEqual(['schedules'])
  expect(await allowedBy('held:read')).toEqual(reading)
  expect(await allowedBy('held:release')).toEqual([...reading, 'delete', 'restore'])
  expect(await allowedBy('held:download')).toEqual([...reading, 'source', 'headers', 'attachment'])
  expect(await allowedBy('read', 'held:read')).toEqual([...reading, 'schedules'])
})

test('of two messages with one mail id, the answer names both', async () => {
  const { root, database, time } = await withMail()
  await hold(database.storage, { mailId: MAIL_ID, partitionTag: 8, recipient: ALICE, receivedAt: time.now })
  const two = await root.call('GET', `/held/${MAIL_ID}`)
  expect(two).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
  expect(two.json.detail).toContain(`7.${MAIL_ID} or 8.${MAIL_ID}`)
  expect((await root.call('GET', `/held/8.${MAIL_ID}`)).json.partitionTag).toBe(8)
})

test('a virus is opened only by a key of all domains that may download, and that is in the audit', async () => {
  const { callerWith, local, root, database, time } = await withMail()
  const [key] = await hold(database.storage, {
    mailId: 'Virus000MAIL',
    recipient: ALICE,
    receivedAt: time.now,
    content: 'V',
  })
  if (!key) throw new Error('nothing is held')
  await quarantine(database.storage, key, text('Virus000MAIL', [ALICE]))
  const reader = await callerWith({ name: 'looker', scopes: ['held:release'] })
  for (const caller of [reader, local]) {
    expect((await caller.call('GET', '/held/Virus000MAIL')).json).toMatchObject({
      text: null,
      notShown: 'virus',
    })
  }
  expect(await local.call('GET', '/held/Virus000MAIL/source')).toMatchObject({ status: 403 })
  expect((await root.call('GET', '/held/Virus000MAIL')).json.text).toBe('Hello.')
  const audit = await database.state.sql.selectFrom('digest_audit').selectAll().execute()
  expect(audit.filter(({ action }) => action === 'open-virus')).toMatchObject([
    { actor: expect.stringMatching(/^root \(API key/) },
  ])
})

/** Serves the API with a message to Alice and Bob, an older one to Alice, and an amavisd that releases them. */
async function withMail() {
  let requests = 0
  const amavisd = await startScriptedServer(
    afterRelease(socket => {
      requests += 1
      socket.write('setreply=250 2.0.0 Ok\r\n\r\n')
    }),
  )
  onTestFinished(() => amavisd[Symbol.asyncDispose]())
  const api: ServedApi = await servedApi({ release: { via: `tcp://127.0.0.1:${amavisd.port}` } })
  const { storage } = api.database
  const both = {
    mailId: MAIL_ID,
    partitionTag: 7,
    receivedAt: api.time.now - MINUTE,
    content: 'B',
    from: `${EVIL} <sam@sender.example.net>`,
    subject: 'For both',
  }
  const [key] = await hold(
    storage,
    { ...both, recipient: ALICE },
    { ...both, recipient: BOB, rseqnum: 2 },
    { recipient: ALICE, receivedAt: api.time.now - DAY, subject: 'Older', score: 9 },
  )
  if (!key) throw new Error('nothing is held')
  await storage.sql
    .updateTable('msgrcpt')
    .set({ smtp_resp: '250 2.7.0 Ok, discarded - BANNED: application/octet-stream,.exe,invoice.exe' })
    .where('mail_id', '=', MAIL_ID)
    .execute()
  await quarantine(storage, key, text(MAIL_ID, [ALICE, BOB]))
  return { ...api, asked: () => requests }
}

const text = (mailId: string, recipients: readonly string[]): string =>
  `${amavisHead(mailId, recipients, 'X-Spam-Status: Yes, score=998 tests=[GTUBE=1000, BAYES_00=-1.9]\n')}${MAIL}`

const MAIL = `From: Sam Sender <sam@sender.example.net>
Subject: For both
Content-Type: multipart/mixed; boundary=b

--b

Hello.
--b
Content-Type: application/x-msdownload
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename*=UTF-8''r%C3%A9sum%C3%A9.exe

QUJDREU=
--b--
${' '.repeat(4711)}
`
