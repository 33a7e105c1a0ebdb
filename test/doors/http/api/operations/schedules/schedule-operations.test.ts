import { expect, test } from 'vitest'
import { ALICE, BOB, servedApi } from '../../served-api.ts'

const WEEKDAYS = { cron: ['0 7,15 * * 1-5'], timezone: 'America/New_York' }

test('a schedule is created, shown, changed and removed', async () => {
  const { root, database } = await servedApi()
  const made = await root.call('PUT', '/schedules/weekdays', WEEKDAYS)
  expect(made).toMatchObject({ status: 201, json: { schedule: { ...WEEKDAYS, name: 'weekdays' } } })
  const { version } = made.json.schedule
  expect(made.headers.get('etag')).toBe(`"${version}"`)
  const list = await root.call('GET', '/schedules')
  expect(list.json.items.map((one: { name: string }) => one.name)).toEqual(['daily', 'weekdays'])
  const filter = { kinds: ['spam'], maxScore: 10 }
  const changed = await root.call('PATCH', '/schedules/weekdays', { filter, spread: '30m', on: false })
  expect(changed).toMatchObject({
    status: 200,
    json: {
      schedule: { ...WEEKDAYS, filter: { ...filter, minScore: null }, spread: '30m', on: false, next: null },
    },
  })
  expect(changed.json.schedule.version).toBe(version + 1)
  const removed = await root.call('DELETE', '/schedules/weekdays')
  expect(removed).toMatchObject({ status: 200, json: { fallenBack: 0 } })
  const gone = await root.call('GET', '/schedules/weekdays')
  expect(gone).toMatchObject({ status: 404, json: { code: 'SCHEDULE_UNKNOWN' } })
  const audit = await database.state.sql.selectFrom('digest_audit').selectAll().execute()
  expect(audit.filter(row => row.action.startsWith('schedule-'))).toMatchObject([
    {
      action: 'schedule-set',
      actor_kind: 'admin',
      actor: expect.stringMatching(/^root \(API key \w{12}\)$/),
    },
    { action: 'schedule-set', remote_address: expect.stringContaining('127.0.0.1') },
    { action: 'schedule-remove' },
  ])
})

test('PUT replaces everything, PATCH only the named fields', async () => {
  const { root } = await servedApi()
  const all = { ...WEEKDAYS, minMessages: 3, sendEmpty: true, readersMayChoose: true }
  await root.call('PUT', '/schedules/weekdays', all)
  expect((await root.call('PATCH', '/schedules/weekdays', { minMessages: 4 })).json.schedule).toMatchObject({
    ...all,
    minMessages: 4,
  })
  expect((await root.call('PUT', '/schedules/weekdays', WEEKDAYS)).json.schedule).toMatchObject({
    ...WEEKDAYS,
    minMessages: 1,
    sendEmpty: false,
    readersMayChoose: false,
    filter: null,
  })
  expect(await root.call('PATCH', '/schedules/nobody', { minMessages: 4 })).toMatchObject({ status: 404 })
})

test('an answer can be sent back unchanged, and changes nothing', async () => {
  const { root } = await servedApi()
  const minutes = Array.from({ length: 59 }, (_, minute) => minute)
  const hours = Array.from({ length: 24 }, (_, hour) => hour)
  const cron = [`${minutes}\t${hours} * * *\n`]
  await root.call('PUT', '/schedules/weekdays', { ...WEEKDAYS, cron, filter: { minScore: 5 } })
  const shown = await root.call('GET', '/schedules/weekdays')
  expect(shown.json.cron).toEqual([`${minutes} ${hours} * * *`])
  const again = await root.call('PUT', '/schedules/weekdays', shown.json)
  expect(again).toMatchObject({ status: 200, json: { schedule: { filter: shown.json.filter } } })
  const other = await root.call('PUT', '/schedules/other', shown.json)
  expect(other).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
})

test('the second change of the same version is a conflict, and nothing is overwritten', async () => {
  const { root } = await servedApi()
  const made = await root.call('PUT', '/schedules/weekdays', WEEKDAYS, { 'if-none-match': '*' })
  expect(made.status).toBe(201)
  const etag = made.headers.get('etag') ?? ''
  const change = (body: object, headers?: Record<string, string>) =>
    root.call('PATCH', '/schedules/weekdays', body, headers)
  expect(await change({ minMessages: 2 }, { 'if-match': etag })).toMatchObject({ status: 200 })
  const conflict = { status: 409, json: { code: 'EDIT_CONFLICT' } }
  expect(await change({ minMessages: 3 }, { 'if-match': etag })).toMatchObject(conflict)
  expect(await change({ minMessages: 3, version: made.json.schedule.version })).toMatchObject(conflict)
  expect(await root.call('PUT', '/schedules/weekdays', WEEKDAYS, { 'if-none-match': '*' })).toMatchObject(
    conflict,
  )
  expect(await root.call('DELETE', '/schedules/weekdays', undefined, { 'if-match': etag })).toMatchObject(
    conflict,
  )
  expect((await root.call('GET', '/schedules/weekdays')).json).toMatchObject({ minMessages: 2 })
  for (const wrong of ['3', '"x"', '"1", "2"', '""', '*']) {
    expect(await change({ minMessages: 3 }, { 'if-match': wrong })).toMatchObject({
      status: 400,
      json: { errors: [{ parameter: 'If-Match' }] },
    })
  }
})

test('a version in the body that differs from the one in the headers is refused', async () => {
  const { root } = await servedApi()
  const made = await root.call('PUT', '/schedules/weekdays', WEEKDAYS, { 'if-none-match': '*' })
  const { version } = made.json.schedule
  const change = (headers: Record<string, string>) =>
    root.call('PATCH', '/schedules/weekdays', { minMessages: 3, version }, headers)
  for (const headers of [{ 'if-match': `"${version + 1}"` }, { 'if-none-match': '*' }]) {
    const refused = { status: 400, json: { errors: [{ pointer: '#/version' }] } }
    expect(await change(headers)).toMatchObject(refused)
  }
  expect(await change({ 'if-match': `"${version}"` })).toMatchObject({ status: 200 })
})

test('an invalid schedule is refused with all reasons, and nothing changes', async () => {
  const { root } = await servedApi()
  const refused = await root.call('PUT', '/schedules/weekdays', {
    cron: ['0 0 31 2 *', 'x'],
    timezone: 'Europe/Nowhere',
  })
  expect(refused).toMatchObject({ status: 400, json: { code: 'SCHEDULE_INVALID' } })
  for (const part of ['0 0 31 2 *', '"x"', 'Europe/Nowhere']) expect(refused.json.detail).toContain(part)
  const misread = await root.call('PUT', '/schedules/weekdays', {
    ...WEEKDAYS,
    cron: '0 7 * * *',
    minMessages: 0,
    x: 1,
  })
  expect(misread).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
  expect(misread.json.errors.map((one: { pointer: string }) => one.pointer).sort()).toEqual([
    '#/cron',
    '#/minMessages',
    '#/x',
  ])
  expect((await root.call('GET', '/schedules')).json.items).toHaveLength(1)
})

test('there is always one default schedule, and a new one replaces it', async () => {
  const { root } = await servedApi()
  const invalid = { status: 400, json: { code: 'SCHEDULE_INVALID' } }
  expect(await root.call('PATCH', '/schedules/daily', { default: false })).toMatchObject(invalid)
  expect(await root.call('DELETE', '/schedules/daily')).toMatchObject(invalid)
  await root.call('PUT', '/schedules/weekdays', { ...WEEKDAYS, default: true })
  expect((await root.call('GET', '/schedules/daily')).json.default).toBe(false)
})

test('a schedule says how many use it, within reach, and ignores this when it is sent back', async () => {
  const { root, local } = await servedApi()
  await root.call('PUT', '/schedules/weekdays', WEEKDAYS)
  for (const scope of [ALICE, BOB, '@example.com', '@']) {
    await root.call('PUT', `/recipients/${scope}`, { schedules: ['weekdays'] })
  }
  const all = { readers: 2, domains: 1, everybody: true }
  const nobody = { readers: 0, domains: 0, everybody: false }
  const listed = (await root.call('GET', '/schedules')).json.items
  expect(listed).toMatchObject([
    { name: 'daily', usedBy: nobody },
    { name: 'weekdays', usedBy: all },
  ])
  const { json } = await root.call('GET', '/schedules/weekdays')
  expect(json).toEqual(listed[1])
  const again = await root.call('PUT', '/schedules/weekdays', { ...json, usedBy: nobody })
  expect(again).toMatchObject({ status: 200, json: { schedule: { usedBy: all } } })
  expect((await local.call('GET', '/schedules/weekdays')).json.usedBy).toEqual({ ...all, readers: 1 })
})

test('a schedule that settings name is removed only with evenIfUsed', async () => {
  const { root } = await servedApi()
  await root.call('PUT', '/schedules/weekdays', WEEKDAYS)
  await root.call('PUT', '/recipients/@example.com', { schedules: ['weekdays'] })
  expect(await root.call('DELETE', '/schedules/weekdays')).toMatchObject({
    status: 409,
    json: { code: 'SCHEDULE_IN_USE', detail: expect.stringContaining('?evenIfUsed=true') },
  })
  expect(await root.call('DELETE', '/schedules/weekdays?evenIfUsed=true')).toMatchObject({
    status: 200,
    json: { fallenBack: 1, warnings: [] },
  })
})

test('a key for some domains sees the schedules but cannot change them', async () => {
  const { local } = await servedApi()
  expect(await local.call('GET', '/schedules/daily')).toMatchObject({ status: 200, json: { name: 'daily' } })
  const refused = { status: 403, json: { code: 'OUT_OF_REACH' } }
  expect(await local.call('PUT', '/schedules/weekdays', WEEKDAYS)).toMatchObject(refused)
  expect(await local.call('PATCH', '/schedules/daily', { on: false })).toMatchObject(refused)
  expect(await local.call('DELETE', '/schedules/daily')).toMatchObject(refused)
})

test('a schedule that concerns only other domains is hidden', async () => {
  const { root, local } = await servedApi()
  await root.call('PUT', '/schedules/of-bob', WEEKDAYS)
  await root.call('PUT', `/recipients/${BOB}`, { schedules: ['of-bob'] })
  const listed = (await local.call('GET', '/schedules')).json.items.map(({ name }: { name: string }) => name)
  expect(listed).toEqual(['daily'])
  for (const [method, path, body] of [
    ['GET', '/schedules/NAME'],
    ['PATCH', '/schedules/NAME', { on: false }],
    ['DELETE', '/schedules/NAME'],
    ['PATCH', `/recipients/${ALICE}`, { schedules: ['NAME'] }],
    ['POST', '/runs', { schedule: 'NAME', recipients: [ALICE], dryRun: true }],
  ] as const) {
    const answerTo = async (name: string) => {
      const sent = JSON.parse(JSON.stringify(body ?? null).replace('NAME', name))
      const { status, text } = await local.call(method, path.replace('NAME', name), sent ?? undefined)
      return { status, text: text.replaceAll(name, 'NAME') }
    }
    const unknown = await answerTo('unheard-of')
    expect(unknown.status, path).toBeGreaterThanOrEqual(400)
    expect(await answerTo('of-bob'), `${method} ${path}`).toEqual(unknown)
  }
})

test('a schedule may be named preview', async () => {
  const { root } = await servedApi()
  expect(await root.call('PUT', '/schedules/preview', WEEKDAYS)).toMatchObject({ status: 201 })
  expect(await root.call('GET', '/schedules/preview')).toMatchObject({ json: { name: 'preview' } })
  expect(await root.call('POST', '/schedules/preview', WEEKDAYS)).toMatchObject({ json: { faults: [] } })
})
