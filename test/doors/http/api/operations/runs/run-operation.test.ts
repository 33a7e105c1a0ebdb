import { expect, test } from 'vitest'
import { ALICE, BOB, servedApi } from '../../served-api.ts'

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
