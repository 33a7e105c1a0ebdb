import { afterAll, beforeAll, expect, test } from 'vitest'
import { heldRows } from '../servers/held.ts'
import { asRoot, type MariaDb, startMariaDb } from '../servers/mariadb.ts'
import { waitUntil } from '../servers/wait.ts'
import { digestFor } from './digest-mail.ts'
import { type ServedWorld, startServedWorld } from './served-world.ts'
import { hold } from './world.ts'

let mariaDb: MariaDb
let world: ServedWorld

beforeAll(async () => {
  mariaDb = await startMariaDb()
  await asRoot(mariaDb, "SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'")
  world = await startServedWorld({ mariaDb })
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  await mariaDb?.[Symbol.asyncDispose]()
})

/** Escaped by backslashes that the server does not read, each of these ends its literal, and the second runs SQL. */
const QUOTED = ["o'neil@example.com", `"x')or(1=1)#"@example.com`]
const BYSTANDER = 'alice@example.com'

test('a server without backslash escapes never takes an address for SQL', async () => {
  await holdForAll('First')
  expect(await world.run()).toEqual({ digests: 3, items: 3, sent: 3, failed: 0 })
  const digests = [...QUOTED, BYSTANDER].map(reader => digestFor(world.digests.mails, reader))
  expect(digests.map(digest => digest.subjects)).toEqual([['First'], ['First'], ['First']])

  for (const { preferences } of digests.slice(0, 2)) {
    expect(await world.post(preferences, 'pause=yes')).toMatchObject({ json: { status: 'paused' } })
  }
  expect(await scopes()).toEqual(QUOTED.toSorted())
  world.digests.clear()
  await holdForAll('Second')
  expect(await world.run()).toEqual({ digests: 1, items: 1, sent: 1, failed: 0 })
  expect(world.digests.mails.map(mail => mail.to)).toEqual([[BYSTANDER]])

  for (const { preferences } of digests.slice(0, 2)) {
    expect(await world.post(preferences, 'resume=yes')).toMatchObject({ json: { status: 'active' } })
  }
  // A row in which nothing is set is removed.
  expect(await scopes()).toEqual([])
  world.digests.clear()
  expect(await world.run('--recipient', QUOTED[1] ?? '')).toEqual({
    digests: 1,
    items: 1,
    sent: 1,
    failed: 0,
  })
  expect(world.digests.mails.map(mail => mail.to)).toEqual([[QUOTED[1]]])

  const link = digests[1]?.release('First') ?? ''
  expect(await world.post(link)).toMatchObject({ status: 200, json: { status: 'released' } })
  expect(world.mta.mails.map(mail => mail.to)).toEqual([[QUOTED[1]]])
  const released = (await heldRows(world.storage)).filter(row => row.rs === 'R')
  expect(released.map(row => [row.email, row.subject])).toEqual([[QUOTED[1], 'First']])
})

async function holdForAll(subject: string): Promise<void> {
  const recipients = [...QUOTED, BYSTANDER]
  await hold(world, recipients, { subject })
  await waitUntil('all rows', async () => {
    const rows = (await heldRows(world.storage)).filter(row => row.subject === subject)
    return rows.length === recipients.length
  })
}

/** The scopes that have a row of settings. */
async function scopes(): Promise<string[]> {
  const rows = await world.storage.query<{ scope: string }>('SELECT scope FROM digest_preference')
  return rows.map(row => row.scope).sort()
}
