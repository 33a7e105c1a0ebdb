import { expect, test } from 'vitest'
import { ALICE, BOB, servedApi } from '../../served-api.ts'

test('a digest is previewed, sent now, found, and sent again', async () => {
  const { root, app, database, holdMail, mails } = await servedApi()
  await holdMail()
  const preview = await root.call('GET', `/readers/${ALICE}/digest-preview`)
  expect(preview).toMatchObject({
    status: 200,
    json: { listed: 1, text: expect.stringContaining('message') },
  })
  expect(preview.json.html).toContain('/release/preview')
  expect(mails()).toEqual([])
  expect(await root.call('POST', `/readers/${ALICE}/send-now`)).toMatchObject({
    status: 200,
    json: { digests: 1, sent: 1, outcome: 'sent' },
  })
  expect(mails()).toHaveLength(1)
  expect(await root.call('GET', `/readers/${ALICE}/digest-preview`)).toMatchObject({
    status: 404,
    json: { code: 'NOTHING_WAITS' },
  })
  const list = await root.call('GET', `/digests?reader=${ALICE}&state=sent`)
  const [digest] = list.json.items
  expect(digest).toMatchObject({ reader: ALICE, state: 'sent', messages: 1, resent: 0 })
  const details = await root.call('GET', `/digests/${digest.id}`)
  expect(details).toMatchObject({
    status: 200,
    json: { digest, messages: [{ mail: { subject: 'A message' } }] },
  })
  expect(await root.call('POST', `/digests/${digest.id}/resend`)).toMatchObject({
    status: 202,
    json: { id: digest.id, reader: ALICE, times: 1 },
  })
  expect(await root.call('POST', `/digests/${digest.id}/resend`)).toMatchObject({
    status: 409,
    json: { code: 'RESEND_REFUSED' },
  })
  expect(await root.call('POST', `/digests/${digest.id}/retry`)).toMatchObject({
    status: 200,
    json: { kind: 'digest', id: digest.id, did: 'due' },
  })
  expect(await root.call('POST', `/releases/${digest.id}/drop`)).toMatchObject({
    status: 404,
    json: { code: 'RELEASE_UNKNOWN' },
  })
  await app.deliver({ dueAt: Date.parse('2026-03-11T05:00:00Z') })
  expect(mails()).toHaveLength(2)
  const actions = await database.state.sql.selectFrom('digest_audit').select('action').execute()
  expect(actions.map(({ action }) => action)).toEqual(expect.arrayContaining(['send-now', 'resend', 'retry']))
})

test('digests out of reach are hidden', async () => {
  const { root, local, holdMail } = await servedApi()
  await holdMail()
  await root.call('POST', `/readers/${BOB}/send-now`)
  const [digest] = (await root.call('GET', '/digests')).json.items
  expect(digest).toMatchObject({ reader: BOB })
  const unknown = { status: 404, json: { code: 'DIGEST_UNKNOWN' } }
  for (const id of [digest.id, 'nothing', 'all', 'digests']) {
    const answers = [
      await local.call('GET', `/digests/${id}`),
      await local.call('POST', `/digests/${id}/resend`),
      await local.call('POST', `/digests/${id}/retry`),
      await local.call('POST', `/digests/${id}/drop`),
    ]
    for (const answer of answers) expect(answer).toMatchObject(unknown)
    expect(new Set(answers.map(answer => answer.json.detail)).size).toBe(1)
  }
  expect((await local.call('GET', '/digests')).json.items).toEqual([])
  const refused = { status: 403, json: { code: 'OUT_OF_REACH' } }
  for (const reader of [BOB, 'nobody@example.org']) {
    expect(await local.call('GET', `/readers/${reader}`)).toMatchObject(refused)
    expect(await local.call('GET', `/readers/${reader}/digest-preview`)).toMatchObject(refused)
    expect(await local.call('POST', `/readers/${reader}/send-now`)).toMatchObject(refused)
    expect(await local.call('GET', `/digests?reader=${reader}`)).toMatchObject(refused)
  }
})

test('the list of digests refuses unknown parameters and states', async () => {
  const { root } = await servedApi()
  for (const wrong of ['state=lost', 'since=yesterday', 'reader=', 'reader=nobody', 'cursor=AAAA', 'x=y']) {
    expect(await root.call('GET', `/digests?${wrong}`), wrong).toMatchObject({
      status: 400,
      json: { code: 'REQUEST_INVALID' },
    })
  }
  expect(await root.call('GET', '/digests?since=2026-03-01T00:00:00%2B01:00&limit=1')).toMatchObject({
    status: 200,
    json: { items: [], next: null },
  })
})
