import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type ApiKeyRequest, apiKeys } from '../../../../src/desks/admin/api-keys/api-keys.ts'
import { ROOT } from '../../../embedded/editors.ts'
import { refuseAudit } from '../../../embedded/no-audit.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const READ: ApiKeyRequest = { name: 'backup', scopes: ['read'], domains: undefined }

test('a key is found only by its text, of which the tables hold a hash', async () => {
  const { keys, rows } = await keysOf()
  const { key, text } = await keys.make(ROOT.actor, READ)
  expect(text).toMatch(/^adk_[0-9a-f]{12}_[0-9a-f]{64}$/)
  expect(await keys.find(text)).toMatchObject({
    id: key.id,
    name: 'backup',
    scopes: ['read'],
    reach: undefined,
  })
  for (const wrong of [
    '',
    'adk_',
    `${text}0`,
    text.slice(0, -1),
    text.replace(/.$/, 'x'),
    `${text.slice(0, 17)}${'0'.repeat(64)}`,
  ]) {
    expect(await keys.find(wrong), wrong).toBeUndefined()
  }
  const other = await keys.make(ROOT.actor, READ)
  expect(await keys.find(text.slice(0, 17) + other.text.slice(17))).toBeUndefined()
  const stored = JSON.stringify([await rows('digest_api_key'), await rows('digest_audit')])
  expect(stored).not.toContain(text.slice(17))
})

test('keys are listed newest first, and revoked for good', async () => {
  const { keys, time, rows } = await keysOf()
  const first = await keys.make(ROOT.actor, READ)
  time.now += 1000
  const domains = ['Example.COM', '@müller.example', 'example.com']
  const second = await keys.make(ROOT.actor, { name: 'desk', scopes: ['write'], domains })
  expect(await keys.list()).toMatchObject([
    { name: 'desk', scopes: ['write'], reach: ['example.com', 'xn--mller-kva.example'] },
    { name: 'backup', reach: undefined, revokedAt: null },
  ])
  expect(await keys.revoke(ROOT.actor, first.key.id)).toMatchObject({ revokedAt: time.now })
  expect(await keys.find(first.text)).toBeUndefined()
  expect(await keys.find(second.text)).toBeDefined()
  time.now += 1000
  expect(await keys.revoke(ROOT.actor, first.key.id)).toMatchObject({ revokedAt: time.now - 1000 })
  await expect(keys.revoke(ROOT.actor, 'nothing')).rejects.toMatchObject({ code: 'API_KEY_UNKNOWN' })
  expect((await rows('digest_audit')).map(row => [row.action, row.detail])).toEqual([
    ['key-make', `API key backup (${first.key.id}): read, all domains`],
    ['key-make', `API key desk (${second.key.id}): write, example.com xn--mller-kva.example`],
    ['key-revoke', `API key backup (${first.key.id})`],
  ])
})

test('the time of last use is written at most once a minute', async () => {
  const { keys, time, statements } = await keysOf()
  const { text } = await keys.make(ROOT.actor, READ)
  const updates = () => statements.filter(statement => statement.startsWith('update')).length
  for (let use = 0; use < 5; use += 1) await keys.find(text)
  expect(updates()).toBe(1)
  time.now += 59_000
  await keys.find(text)
  expect(updates()).toBe(1)
  time.now += 1000
  await keys.find(text)
  expect(updates()).toBe(2)
  expect(await keys.list()).toMatchObject([{ usedAt: time.now }])
})

test.each<[string, Partial<ApiKeyRequest>]>([
  ['no name', { name: '' }],
  ['a name of more than one line', { name: 'a\nb' }],
  ['a name that is too long', { name: 'x'.repeat(65) }],
  ['something that is not a domain', { domains: ['example.com', 'no domain'] }],
  ['more domains than a search takes', { domains: Array.from({ length: 501 }, (_, i) => `${i}.example`) }],
])('no key is made with %s', async (_, request) => {
  const { keys } = await keysOf()
  await expect(keys.make(ROOT.actor, { ...READ, ...request })).rejects.toMatchObject({ code: 'USAGE' })
  expect(await keys.list()).toEqual([])
})

test('without its audit line, a key is neither made nor revoked', async () => {
  const { keys, state } = await keysOf()
  const { key, text } = await keys.make(ROOT.actor, READ)
  await refuseAudit(state)
  await expect(keys.make(ROOT.actor, READ)).rejects.toThrow()
  await expect(keys.revoke(ROOT.actor, key.id)).rejects.toThrow()
  expect(await keys.list()).toHaveLength(1)
  expect(await keys.find(text)).toMatchObject({ id: key.id })
})

test('a key whose domains were corrupted by hand reaches nothing', async () => {
  const { keys, state } = await keysOf()
  const { text } = await keys.make(ROOT.actor, { ...READ, domains: ['example.com'] })
  for (const domains of ['', '{', '"example.com"', '{}']) {
    await state.sql.updateTable('digest_api_key').set({ domains }).execute()
    expect(await keys.find(text)).toMatchObject({ reach: [] })
  }
})

test('a key that an older version made keeps its scope, and an older version reads no more into a newer one', async () => {
  const { keys, state, rows } = await keysOf()
  const { text } = await keys.make(ROOT.actor, { ...READ, scopes: ['held:release', 'held:download'] })
  expect(await keys.find(text)).toMatchObject({ scopes: ['held:release', 'held:download'] })
  expect(await rows('digest_api_key')).toMatchObject([
    { scope: 'read', scopes: 'held:release held:download' },
  ])
  await state.sql.updateTable('digest_api_key').set({ scopes: null, scope: 'write' }).execute()
  expect(await keys.find(text)).toMatchObject({ scopes: ['write'] })
})

test('a key is found in a read-only database', async () => {
  const { keys, state } = await keysOf()
  const { text } = await keys.make(ROOT.actor, READ)
  await sql`pragma query_only = on`.execute(state.sql)
  expect(await keys.find(text)).toMatchObject({ usedAt: null })
})

async function keysOf() {
  const program = await embeddedProgram()
  return { ...program, keys: apiKeys({ state: program.state, clock: program.time.clock }) }
}
