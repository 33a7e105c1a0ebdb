import { expect, onTestFinished, test } from 'vitest'
import { MINUTE } from '../../../../../../src/ground/durations.ts'
import { hold } from '../../../../../embedded/held-mail.ts'
import { afterRelease, startScriptedServer } from '../../../../../servers/scripted-server.ts'
import { ALICE, BOB, type ServedApi, servedApi } from '../../served-api.ts'

const MAIL = { mailId: 'Held0000MAIL', recipient: ALICE }

test('a message is released once, and a second request says so', async () => {
  const { root, database, asked } = await withAmavisd()
  expect(await root.call('POST', '/releases', MAIL)).toMatchObject({
    status: 200,
    json: { status: 'released', code: null, reply: expect.stringContaining('250 2.0.0') },
  })
  expect(await root.call('POST', '/releases', MAIL)).toMatchObject({
    status: 200,
    json: { status: 'already-released' },
  })
  expect(asked()).toBe(1)
  expect((await root.call('GET', `/releases?reader=${ALICE}`)).json).toMatchObject({
    items: [
      {
        state: 'released',
        requestedBy: expect.stringMatching(/^root \(API key/),
        reader: ALICE,
        mailId: MAIL.mailId,
        mail: { subject: 'A message' },
      },
    ],
    next: null,
  })
  const audit = await database.state.sql.selectFrom('digest_audit').selectAll().execute()
  expect(audit.filter(row => row.action === 'release')).toMatchObject([
    { actor: expect.stringMatching(/^root \(API key/), outcome: 'released' },
    { outcome: 'already-released' },
  ])
})

test('the answer repeats amavisd’s reply, and a waiting or failed release can be retried or given up', async () => {
  const { root, answerWith } = await withAmavisd()
  answerWith('451 4.5.0 the%20next%20MTA%20is%20away')
  expect(await root.call('POST', '/releases', MAIL)).toMatchObject({
    status: 202,
    json: { status: 'queued', code: 'AMAVISD_DEFERRED' },
  })
  const [{ id }] = (await root.call('GET', '/releases?state=queued')).json.items
  expect(await root.call('POST', `/releases/${id}/drop`)).toMatchObject({
    status: 200,
    json: { kind: 'release', id, did: 'dropped', whose: ALICE },
  })
  answerWith('550 5.1.1 no%20such%20user')
  const refused = await root.call('POST', '/releases', { ...MAIL, again: true })
  expect(refused).toMatchObject({ status: 502, json: { code: 'AMAVISD_REFUSED', status: 502 } })
  expect(refused.json.detail).toContain('no such user')
  expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  answerWith('250 2.0.0 Ok')
  expect(await root.call('POST', `/releases/${id}/retry`)).toMatchObject({ json: { did: 'released' } })
  expect(await root.call('POST', `/releases/${id}/drop`)).toMatchObject({ json: { did: 'over' } })
})

test('a message that amavisd does not have, or that no policy allows to release, is refused', async () => {
  const { root, database, time } = await withAmavisd()
  expect(await root.call('POST', '/releases', { ...MAIL, recipient: BOB })).toMatchObject({
    status: 404,
    json: { code: 'MESSAGE_GONE' },
  })
  await hold(database.storage, {
    mailId: 'Virus000MAIL',
    recipient: ALICE,
    receivedAt: time.now,
    content: 'V',
  })
  expect(await root.call('POST', '/releases', { ...MAIL, mailId: 'Virus000MAIL' })).toMatchObject({
    status: 403,
    json: { code: 'POLICY_REFUSED' },
  })
})

test('a key for some domains releases for these, and learns of no others', async () => {
  const { root, local, asked } = await withAmavisd({ recipient: BOB })
  const refused = { status: 403, json: { code: 'OUT_OF_REACH' } }
  for (const recipient of [BOB, 'nobody@example.org', 'nonsense']) {
    expect(await local.call('POST', '/releases', { ...MAIL, recipient })).toMatchObject(refused)
  }
  expect(asked()).toBe(0)
  await root.call('POST', '/releases', { ...MAIL, recipient: BOB })
  const [{ id }] = (await root.call('GET', '/releases')).json.items
  expect((await local.call('GET', '/releases')).json.items).toEqual([])
  for (const path of [
    `/releases/${id}/retry`,
    `/releases/${id}/drop`,
    '/releases/x/retry',
    '/releases/all/drop',
  ]) {
    expect(await local.call('POST', path)).toMatchObject({ status: 404, json: { code: 'RELEASE_UNKNOWN' } })
  }
})

/** Serves the API with one held message, and an amavisd whose answers the test chooses. */
async function withAmavisd({ recipient = ALICE } = {}) {
  let answer = '250 2.0.0 Ok'
  let requests = 0
  const amavisd = await startScriptedServer(
    afterRelease(socket => {
      requests += 1
      socket.write(`setreply=${answer}\r\n\r\n`)
    }),
  )
  onTestFinished(() => amavisd[Symbol.asyncDispose]())
  const api: ServedApi = await servedApi({ release: { via: `tcp://127.0.0.1:${amavisd.port}` } })
  await hold(api.database.storage, { mailId: MAIL.mailId, recipient, receivedAt: api.time.now - MINUTE })
  return {
    ...api,
    asked: () => requests,
    answerWith: (words: string) => {
      answer = words
    },
  }
}
