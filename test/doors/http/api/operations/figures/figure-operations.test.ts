import { expect, test } from 'vitest'
import { servedApi } from '../../served-api.ts'

test('the overview counts by day and kind, within reach', async () => {
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
  for (const wrong of ['days=0', 'days=91', 'timezone=Mars', 'timezone=BST', 'timezone=']) {
    expect(await root.call('GET', `/overview?${wrong}`)).toMatchObject({
      status: 400,
      json: { code: 'REQUEST_INVALID' },
    })
  }
})

test('the status requires a key for all domains', async () => {
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

test('clicks are counted by domain, within reach', async () => {
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
