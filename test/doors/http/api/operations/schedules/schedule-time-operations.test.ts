import { expect, test } from 'vitest'
import { servedApi } from '../../served-api.ts'

const WEEKDAYS = { cron: ['0 7,15 * * 1-5'], timezone: 'America/New_York' }

test('the next times are previewed without creating a schedule', async () => {
  const { reader } = await servedApi()
  const shown = await reader.call('POST', '/schedules/preview', WEEKDAYS)
  expect(shown).toMatchObject({ status: 200, json: { faults: [] } })
  expect(shown.json.times).toHaveLength(10)
  expect(shown.json.times[0]).toBe('2026-03-11T11:00:00.000Z')
  expect(
    await reader.call('POST', '/schedules/preview', { cron: ['0 6 * * *'], timezone: 'reader' }),
  ).toMatchObject({
    json: { times: expect.arrayContaining(['2026-03-11T06:00:00.000Z']) },
  })
  expect(
    await reader.call('POST', '/schedules/preview', { cron: ['0 6 * * *'], timezone: 'EST' }),
  ).toMatchObject({
    json: { times: [], faults: [expect.stringContaining('EST: write America/New_York')] },
  })
  expect(await reader.call('POST', '/schedules/preview', { cron: ['61 * * * *'] })).toMatchObject({
    status: 200,
    json: { times: [], faults: [expect.stringContaining('61 * * * *')] },
  })
})

test('the calendar lists the coming runs with their readers and messages, within reach', async () => {
  const { root, local, holdMail, app } = await servedApi()
  await holdMail()
  await app.collect()
  const runs = async (caller: typeof root, days: string) =>
    (await caller.call('GET', `/calendar?days=${days}`)).json.runs
  expect(await runs(root, '2')).toEqual([
    { schedule: 'daily', at: '2026-03-11T06:00:00.000Z', timezones: ['UTC'], readers: 2, messages: 2 },
    { schedule: 'daily', at: '2026-03-12T06:00:00.000Z', timezones: ['UTC'], readers: 2, messages: 2 },
  ])
  expect(await runs(local, '1')).toMatchObject([{ readers: 1, messages: 1 }])
  for (const days of ['0', '32', 'x', '1.5', '']) {
    expect(await root.call('GET', `/calendar?days=${days}`)).toMatchObject({
      status: 400,
      json: { code: 'REQUEST_INVALID', errors: [{ parameter: 'days' }] },
    })
  }
})
