import { expect, test } from 'vitest'
import { ALICE, BOB, servedApi } from '../../served-api.ts'

test('the audit is listed in pages, newest first, and by domain', async () => {
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
