import { expect, test } from 'vitest'
import { ALICE, BOB, servedApi } from '../served-api.ts'

test('figures by day and kind, within reach', async () => {
  const { root, local, app, holdMail } = await servedApi()
  await holdMail()
  await app.collect()
  const overview = await root.call('GET', '/overview?days=2&timezone=Europe/Paris')
  expect(overview).toMatchObject({
    status: 200,
    json: {
      timezone: 'Europe/Paris',
      days: [
        { day: '2026-03-10', held: { spam: 0 } },
        { day: '2026-03-11', held: { spam: 2, virus: 0 }, listed: { spam: 0 }, released: { spam: 0 } },
      ],
      stuck: { waiting: { count: 2 }, digests: { failed: { count: 0, since: null } } },
    },
  })
  const own = await local.call('GET', '/overview')
  expect(own.json.days).toHaveLength(7)
  expect(own.json.days[6]).toMatchObject({ held: { spam: 1 } })
  for (const wrong of ['days=0', 'days=91', 'timezone=Mars', 'timezone=']) {
    expect(await root.call('GET', `/overview?${wrong}`)).toMatchObject({
      status: 400,
      json: { code: 'REQUEST_INVALID' },
    })
  }
})

test('the status is for those who look after all domains', async () => {
  const { root, local, app, holdMail } = await servedApi()
  await holdMail()
  await app.collect()
  expect(await root.call('GET', '/status')).toMatchObject({
    status: 200,
    json: {
      messagesWaiting: 2,
      digests: { failed: { count: 0, lines: [] } },
      schedules: [{ name: 'daily' }],
    },
  })
  expect(await local.call('GET', '/status')).toMatchObject({ status: 403, json: { code: 'OUT_OF_REACH' } })
})

test('clicks are told by domain, within reach', async () => {
  const { root, local, database, time } = await servedApi()
  const click = { at: time.now, digest_id: 'd', page: 'release', method: 'GET', after_ms: 500 } as const
  const rows = ['example.com', 'example.org'].map(domain => ({ ...click, click_id: domain, domain }))
  await database.state.sql.insertInto('digest_click').values(rows).execute()
  const { json } = await root.call('GET', '/clicks?days=1')
  expect(json.domains).toHaveLength(2)
  expect((await local.call('GET', '/clicks')).json.domains).toMatchObject([
    { domain: 'example.com', gets: { within10s: 1, later: 0 }, posts: 0 },
  ])
})

test('the audit is read in parts, the newest first, and by domain', async () => {
  const { root, local, time } = await servedApi()
  time.now += 1000
  await root.call('PATCH', `/recipients/${ALICE}`, { on: false })
  time.now += 1000
  await root.call('PATCH', `/recipients/${BOB}`, { on: false })
  const first = await root.call('GET', '/audit?limit=2')
  expect(first.json.items).toHaveLength(2)
  expect(first.json.items[0]).toMatchObject({ action: 'settings-set', recipient: BOB, actorKind: 'admin' })
  const next = await root.call('GET', `/audit?limit=2&cursor=${first.json.next}`)
  const ids = [...first.json.items, ...next.json.items].map((one: { id: string }) => one.id)
  expect(new Set(ids).size).toBe(4)
  expect((await local.call('GET', '/audit')).json.items).toMatchObject([{ recipient: ALICE }])
})

test('a run is rehearsed and made, within reach', async () => {
  const { root, local, holdMail, database, time } = await servedApi()
  await holdMail()
  time.now += 1000
  expect(await root.call('POST', '/runs', { schedule: 'daily', dryRun: true })).toMatchObject({
    status: 200,
    json: { digests: 2, items: 2, list: [{ reader: ALICE, messages: 1, timezone: 'UTC' }, { reader: BOB }] },
  })
  expect(await database.state.sql.selectFrom('digest_digest').selectAll().execute()).toEqual([])
  const refused = { status: 403, json: { code: 'OUT_OF_REACH' } }
  for (const body of [{}, { dryRun: true }, { recipients: [ALICE, BOB] }, { schedule: 'daily' }]) {
    expect(await local.call('POST', '/runs', body)).toMatchObject(refused)
  }
  expect(await local.call('POST', '/runs', { recipients: ['Alice@EXAMPLE.com'] })).toMatchObject({
    status: 202,
    json: { digests: 1, items: 1, elsewhere: false },
  })
  expect(await root.call('POST', '/runs', { schedule: 'nothing' })).toMatchObject({
    status: 404,
    json: { code: 'SCHEDULE_UNKNOWN' },
  })
  expect(await root.call('POST', '/runs', { recipients: [ALICE, 'nobody'] })).toMatchObject({
    status: 400,
    json: { errors: [{ pointer: '#/recipients/1' }] },
  })
  expect((await root.call('GET', '/audit?limit=1')).json.items).toMatchObject([
    { action: 'run', outcome: 'made' },
  ])
})
