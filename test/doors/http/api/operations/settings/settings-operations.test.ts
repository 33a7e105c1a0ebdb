import { expect, test } from 'vitest'
import { ALICE, BOB, servedApi } from '../../served-api.ts'

test('settings are created, shown with their sources, changed and removed', async () => {
  const { root } = await servedApi()
  expect(
    await root.call('PUT', '/recipients/@example.com', { language: 'de', timezone: 'Europe/Berlin' }),
  ).toMatchObject({
    status: 200,
    json: { settings: { scope: '@example.com', language: 'de', on: null }, warnings: [] },
  })
  const set = await root.call('PATCH', `/recipients/${ALICE}`, { timezone: 'Asia/Tokyo', locked: ['pause'] })
  expect(set).toMatchObject({
    status: 200,
    json: { settings: { timezone: 'Asia/Tokyo', locked: ['pause'] } },
  })
  const shown = await root.call('GET', `/recipients/${ALICE}`)
  expect(shown).toMatchObject({
    status: 200,
    json: {
      scope: ALICE,
      own: set.json.settings,
      language: { value: 'de', from: 'domain', scope: '@example.com' },
      timezone: { value: 'Asia/Tokyo', from: 'reader', scope: ALICE },
      on: { value: true, from: 'default', scope: null },
      held: [{ name: 'daily', on: true }],
      paused: false,
    },
  })
  expect(shown.headers.get('etag')).toBe(set.headers.get('etag'))
  expect(await root.call('DELETE', `/recipients/${ALICE}`)).toMatchObject({ status: 204, text: '' })
  expect((await root.call('GET', `/recipients/${ALICE}`)).json).toMatchObject({ own: null })
  expect(await root.call('DELETE', `/recipients/${ALICE}`)).toMatchObject({ status: 204 })
})

test('PUT replaces everything, PATCH only the named settings, and null inherits from the wider scope', async () => {
  const { root } = await servedApi()
  const settings = async (method: string, body: object) =>
    (await root.call(method, `/recipients/${ALICE}`, body)).json.settings
  await settings('PUT', { language: 'de', pausedUntil: 'forever' })
  expect(await settings('PATCH', { on: false })).toMatchObject({
    language: 'de',
    pausedUntil: 'forever',
    on: false,
  })
  expect(await settings('PATCH', { language: null })).toMatchObject({ language: null, on: false })
  expect(await settings('PUT', { timezone: 'Europe/Paris' })).toMatchObject({
    pausedUntil: null,
    on: null,
    timezone: 'Europe/Paris',
  })
  expect(await settings('PUT', {})).toMatchObject({ timezone: null, version: 0, updatedAt: null })
})

test('all spellings of a domain are one scope', async () => {
  const { root } = await servedApi()
  await root.call('PUT', `/recipients/${encodeURIComponent('@MÜLLER.Example')}`, { language: 'de' })
  const shown = await root.call('GET', '/recipients/@xn--mller-kva.example')
  expect(shown.json.own).toMatchObject({ scope: '@xn--mller-kva.example', language: 'de' })
})

test('an answer can be sent back unchanged, even after its pause has ended', async () => {
  const { root, time } = await servedApi()
  const pausedUntil = '2026-03-12T00:00:00.000Z'
  const first = await root.call('PUT', `/recipients/${ALICE}`, { language: 'de', pausedUntil })
  expect(first.json.settings).toMatchObject({ pausedUntil })
  expect(await root.call('PUT', `/recipients/${ALICE}`, first.json.settings)).toMatchObject({ status: 200 })
  time.now = Date.parse('2026-03-13T00:00:00Z')
  const again = await root.call('PUT', `/recipients/${ALICE}`, first.json.settings)
  expect(again).toMatchObject({ status: 200, json: { settings: { language: 'de', pausedUntil: null } } })
})

test('the second change of the same version is a conflict', async () => {
  const { root } = await servedApi()
  const none = { 'if-match': '"0"' }
  const first = await root.call('PUT', `/recipients/${ALICE}`, { language: 'de' }, none)
  expect(first.status).toBe(200)
  const conflict = { status: 409, json: { code: 'EDIT_CONFLICT' } }
  expect(await root.call('PUT', `/recipients/${ALICE}`, { language: 'fr' }, none)).toMatchObject(conflict)
  expect(await root.call('DELETE', `/recipients/${ALICE}`, undefined, none)).toMatchObject(conflict)
  const { version } = first.json.settings
  expect(await root.call('PATCH', `/recipients/${ALICE}`, { language: 'fr', version })).toMatchObject({
    status: 200,
  })
})

test('every fault is listed with its place', async () => {
  const { root } = await servedApi()
  const refused = await root.call('PUT', `/recipients/${ALICE}`, {
    schedules: ['nobody'],
    language: 'tlh',
    timezone: 'Europe/Nowhere',
    deliverTo: 'nobody',
    pausedUntil: '2020-01-01T00:00:00Z',
  })
  expect(refused).toMatchObject({ status: 400, json: { code: 'SETTING_INVALID' } })
  expect(refused.json.errors.map((one: { pointer: string }) => one.pointer)).toEqual([
    '#/schedules',
    '#/language',
    '#/timezone',
    '#/deliverTo',
  ])
  const past = await root.call('PATCH', `/recipients/${ALICE}`, { pausedUntil: '2020-01-01T00:00:00Z' })
  expect(past).toMatchObject({ status: 400, json: { errors: [{ pointer: '#/pausedUntil' }] } })
  expect(await root.call('PUT', '/recipients/nobody', {})).toMatchObject({
    status: 400,
    json: { code: 'SETTING_INVALID' },
  })
  expect(await root.call('PUT', `/recipients/${ALICE}`, { pausedUntil: 'soon' })).toMatchObject({
    status: 400,
    json: { errors: [{ pointer: '#/pausedUntil' }] },
  })
})

test('a key for some domains sees and changes only these, and learns of no others', async () => {
  const { root, local } = await servedApi()
  for (const scope of [ALICE, BOB, '@']) await root.call('PUT', `/recipients/${scope}`, { language: 'de' })
  const list = await local.call('GET', '/recipients')
  expect(list.json.items.map(({ scope }: { scope: string }) => scope)).toEqual([ALICE])
  const refused = { status: 403, json: { code: 'OUT_OF_REACH' } }
  for (const scope of [BOB, 'nobody@example.org', '@example.org', '@']) {
    expect(await local.call('GET', `/recipients/${scope}`)).toMatchObject(refused)
    expect(await local.call('PUT', `/recipients/${scope}`, {})).toMatchObject(refused)
    expect(await local.call('PATCH', `/recipients/${scope}`, {})).toMatchObject(refused)
    expect(await local.call('DELETE', `/recipients/${scope}`)).toMatchObject(refused)
  }
  expect(await local.call('PATCH', '/recipients/@example.com', { language: 'fr' })).toMatchObject({
    status: 200,
  })
})

test('the settings are listed in pages, each row once, and can be searched', async () => {
  const { root } = await servedApi()
  const items = Array.from({ length: 7 }, (_, index) => ({ scope: `r${index}@example.com`, language: 'de' }))
  expect(await root.call('POST', '/recipients/import', { items })).toMatchObject({
    status: 200,
    json: { set: 7 },
  })
  const seen: string[] = []
  let cursor = ''
  do {
    const part = await root.call('GET', `/recipients?limit=3${cursor}`)
    seen.push(...part.json.items.map(({ scope }: { scope: string }) => scope))
    cursor = part.json.next === null ? '' : `&cursor=${part.json.next}`
  } while (cursor)
  expect(seen).toEqual(items.map(({ scope }) => scope))
  expect((await root.call('GET', '/recipients?search=r3')).json.items).toHaveLength(1)
  for (const wrong of [
    'cursor=%21',
    'cursor=a',
    'cursor=',
    'limit=0',
    'limit=101',
    'limit=3&limit=3',
    'nothing=1',
  ]) {
    expect(await root.call('GET', `/recipients?${wrong}`)).toMatchObject({
      status: 400,
      json: { code: 'REQUEST_INVALID' },
    })
  }
})
