import { expect, test } from 'vitest'
import { ALICE, BOB, servedApi } from '../../served-api.ts'

test('an import applies all items or none, and lists every fault with its place, unless skipBad is set', async () => {
  const { root, local } = await servedApi()
  const items = [
    { scope: ALICE, language: 'de', schedules: ['daily'], locked: ['pause', 'deliverTo'], on: true },
    { scope: 'nobody', language: 'de' },
    { scope: BOB, timezone: 'Europe/Nowhere', pausedUntil: 'forever' },
  ]
  const refused = await root.call('POST', '/recipients/import', { items })
  expect(refused).toMatchObject({ status: 400, json: { code: 'CSV_INVALID' } })
  expect(refused.json.errors.map((one: { pointer: string }) => one.pointer)).toEqual([
    '#/items/1/scope',
    '#/items/2/timezone',
  ])
  expect((await root.call('GET', '/recipients')).json.items).toEqual([])
  expect(await root.call('POST', '/recipients/import', { items, skipBad: true, dryRun: true })).toMatchObject(
    {
      status: 200,
      json: { items: 3, set: 1, skipped: 2, faults: [{ pointer: '#/items/1/scope' }, {}] },
    },
  )
  expect((await root.call('GET', '/recipients')).json.items).toEqual([])
  await root.call('POST', '/recipients/import', { items, skipBad: true })
  expect((await root.call('GET', '/recipients')).json.items).toMatchObject([
    { scope: ALICE, language: 'de', schedules: ['daily'], locked: ['deliverTo', 'pause'], on: true },
  ])
  expect(
    await local.call('POST', '/recipients/import', { items: [{ scope: BOB, language: 'de' }] }),
  ).toMatchObject({
    status: 400,
    json: { errors: [{ pointer: '#/items/0/scope' }] },
  })
})

test('a list can be imported unchanged, and later changes by others are conflicts', async () => {
  const { root, time } = await servedApi()
  await root.call('PUT', `/recipients/${ALICE}`, { pausedUntil: '2026-03-12T00:00:00.000Z', language: 'de' })
  await root.call('PUT', `/recipients/${BOB}`, { language: 'de', on: true })
  const { items } = (await root.call('GET', '/recipients')).json
  time.now = Date.parse('2026-03-13T00:00:00Z')
  expect(await root.call('POST', '/recipients/import', { items })).toMatchObject({
    status: 200,
    json: { items: 2, set: 0, unchanged: 2, cleared: {} },
  })
  const fewer = [{ scope: BOB, on: false }]
  expect(await root.call('POST', '/recipients/import', { items: fewer })).toMatchObject({
    json: { set: 1, cleared: { language: 1 } },
  })
  expect(await root.call('POST', '/recipients/import', { items })).toMatchObject({
    status: 400,
    json: {
      detail:
        '1 of 2 items cannot be used; none was applied. Correct them (see "errors"), or apply the others with skipBad.',
      errors: [
        { pointer: '#/items/1/version', detail: expect.stringContaining('was changed since it was read') },
      ],
    },
  })
})

test('blanks are neither a scope nor a setting, and faults name items', async () => {
  const { root } = await servedApi()
  await root.call('PUT', `/recipients/${ALICE}`, { language: 'de' })
  const items = [
    { scope: ' ' },
    { scope: ALICE, language: ' ' },
    { scope: BOB },
    { scope: 'Bob@Example.ORG' },
  ]
  const { json } = await root.call('POST', '/recipients/import', { items })
  expect(
    json.errors.map(({ pointer, detail }: { pointer: string; detail: string }) => [pointer, detail]),
  ).toEqual([
    ['#/items/0/scope', expect.stringMatching(/^expected an address/)],
    ['#/items/1/language', expect.stringMatching(/^expected a language/)],
    ['#/items/2/scope', expect.stringContaining('is also in #/items/3')],
    ['#/items/3/scope', expect.stringContaining('is also in #/items/2')],
  ])
  expect((await root.call('GET', '/recipients')).json.items).toMatchObject([{ scope: ALICE, language: 'de' }])
})

test('one request imports ten thousand settings', async () => {
  const { root } = await servedApi()
  const items = Array.from({ length: 10_000 }, (_, index) => ({
    scope: `reader-${index}@example.com`,
    language: 'de',
    timezone: 'Europe/Berlin',
  }))
  expect(await root.call('POST', '/recipients/import', { items })).toMatchObject({
    status: 200,
    json: { items: 10_000, set: 10_000 },
  })
})
