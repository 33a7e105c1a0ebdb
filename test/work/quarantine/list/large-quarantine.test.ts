import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chunks } from '../../../../src/ground/database/chunks.ts'
import { addresses } from '../../../../src/ground/directory/addresses.ts'
import { DAY, MINUTE } from '../../../../src/ground/durations.ts'
import type { Viewer } from '../../../../src/rules/reach/viewer.ts'
import { asReader } from '../../../../src/rules/reach/visitor.ts'
import { parseSearch } from '../../../../src/rules/search/parse-search.ts'
import { listHeld } from '../../../../src/work/quarantine/list/list-held.ts'
import { summaryOf } from '../../../../src/work/quarantine/list/summary-of.ts'
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../../embedded/database.ts'
import { hold } from '../../../embedded/held-mail.ts'

const NOW = Date.parse('2026-03-11T12:00:00Z')
const MANY = 2500

const folder = mkdtempSync(join(tmpdir(), 'large-quarantine-'))
let database: EmbeddedDatabase

/** Each look at the clock takes a while. */
const slowly = (step: number) => {
  let now = NOW
  return () => {
    now += step
    return now
  }
}
const deps = (clock = () => NOW) => ({
  storage: database.storage.sql,
  state: database.state,
  directory: addresses(''),
  clock,
})
const admin = (reach?: readonly string[]): Viewer => ({
  as: 'admin',
  actor: { kind: 'admin', name: 'root', remoteAddress: null },
  reach,
  may: ['read'],
})
const bob: Viewer = {
  as: 'reader',
  visitor: asReader('bob@example.com'),
  actor: { kind: 'reader', name: 'bob@example.com', remoteAddress: null },
}
const list = (search: string, after?: string, clock = slowly(30), viewer = admin()) =>
  listHeld(deps(clock), viewer, {
    search: parseSearch(search, { now: NOW, timeZone: 'UTC' }),
    order: 'date',
    direction: 'descending',
    limit: 25,
    after,
  })

/** A message each minute; the sender's own ones are far apart, and one more has the address in its From only. */
beforeAll(async () => {
  database = await openEmbeddedDatabase(folder)
  const mails = Array.from({ length: MANY }, (_, index) => ({
    recipient: index % 10 === 0 ? 'bob@example.com' : 'all@other.example',
    receivedAt: NOW - index * MINUTE,
    mailId: `m${index}`,
    content: index % 2 ? 'S' : 'B',
    ...(index % 600 === 7 && { sender: 'ann@shop.example', from: 'ann@shop.example' }),
    ...(index === 1400 && { from: 'Ann <ann@shop.example>' }),
  }))
  await hold(database.storage, ...mails)
})
afterAll(async () => {
  await database?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const idsOf = ({ messages }: Awaited<ReturnType<typeof list>>) =>
  messages.map(({ recipients }) => recipients[0]?.ref.split('.')[1])

test('a search that finds little stops soon, says how far it has come, and goes on from there', async () => {
  const found = []
  let [pages, after] = [0, undefined as string | undefined]
  let back = NOW
  do {
    const page = await list('subject:message from:ann*', after)
    found.push(...idsOf(page))
    if (page.next) {
      expect(page.lookedBackTo).toBeLessThan(back)
      back = page.lookedBackTo ?? 0
    }
    after = page.next
    pages += 1
  } while (after !== undefined)
  expect(pages).toBeGreaterThan(1)
  expect(found).toEqual(['m7', 'm607', 'm1207', 'm1400', 'm1807', 'm2407'])
})

test('mail of a sender is found at once by the envelope, and none is listed twice', async () => {
  const first = await list('from:ann@shop.example')
  expect(idsOf(first)).toEqual(['m7', 'm607', 'm1207', 'm1807', 'm2407'])
  expect(first.lookedBackTo).toBeGreaterThan(NOW - MANY * MINUTE)
  const found = idsOf(first)
  for (let after = first.next; after; ) {
    const page = await list('from:ann@shop.example', after)
    found.push(...idsOf(page))
    after = page.next
  }
  expect(found).toEqual(['m7', 'm607', 'm1207', 'm1807', 'm2407', 'm1400'])
})

test('every statement reads along an index of amavis', async () => {
  const begun = database.statements.length
  await list('', undefined, slowly(0), bob)
  await list('nothing from:ann@shop.example', undefined, slowly(0))
  await list('', undefined, slowly(0), admin(['example.com']))
  await summaryOf(deps(), admin(['example.com']), { days: 3, timeZone: 'UTC' })
  const asked = database.statements.slice(begun).filter(text => /"(?:msgs|msgrcpt|maddr)"/.test(text))
  expect(asked.length).toBeGreaterThan(10)
  for (const text of new Set(asked)) {
    const { rows } = await sql<{
      detail: string
    }>`explain query plan ${sql.raw(text.replaceAll('?', 'null'))}`.execute(database.storage.sql)
    const details = rows.map(({ detail }) => detail)
    expect(
      details.filter(detail => /^SCAN (?!slice|some|CONSTANT)/.test(detail) && !/USING/.test(detail)),
    ).toEqual([])
  }
})

test('a summary counts by day and kind, for a reader, a domain and a whole site', async () => {
  const request = { days: 2, timeZone: 'UTC' }
  const whole = await summaryOf(deps(), admin(), request)
  // From midnight to noon there are 721 messages, and 1440 the day before.
  expect(whole).toEqual({
    days: [
      { day: '2026-03-11', counts: { banned: 361, spam: 360 } },
      { day: '2026-03-10', counts: { banned: 720, spam: 720 } },
    ],
    isCounting: false,
  })
  const own = { day: '2026-03-11', counts: { banned: 73 } }
  expect((await summaryOf(deps(), admin(['example.com']), request)).days[0]).toEqual(own)
  expect((await summaryOf(deps(), bob, request)).days[0]).toEqual(own)
  expect((await summaryOf(deps(), admin(['nobody.example']), request)).days[0]).toEqual({
    ...own,
    counts: {},
  })
})

test('an order other than by date has the newest messages, and says that there are more', async () => {
  const page = await listHeld(deps(), admin(), {
    search: parseSearch('', { now: NOW, timeZone: 'UTC' }),
    order: 'type',
    direction: 'ascending',
    limit: 25,
  })
  expect(page.isCut).toBe(true)
  expect(page.messages[0]?.recipients[0]?.receivedAt).toBe(NOW)
  expect(page.window).toEqual({ from: NOW - 14 * DAY, to: NOW + 10 * MINUTE })
})

test('a later page of another order ends its look in time, too, and says how far it has come', async () => {
  const ordered = (after: string | undefined, clock: () => number) =>
    listHeld(deps(clock), admin(), {
      search: parseSearch('', { now: NOW, timeZone: 'UTC' }),
      order: 'subject',
      direction: 'ascending',
      limit: 100,
      after,
    })
  let page = await ordered(undefined, slowly(0))
  const found = idsOf(page)
  while (page.next && page.lookedBackTo === undefined) {
    // The first of the two looks that a page takes uses up all its time.
    page = await ordered(page.next, slowly(2500))
    found.push(...idsOf(page))
  }
  expect(new Set(found).size).toBe(1500)
  expect(page).toMatchObject({ lookedBackTo: NOW - 1499 * MINUTE, isCut: true })
  expect(idsOf(await ordered(page.next, slowly(0)))).toContain('m1500')
})

const carol: Viewer = {
  as: 'reader',
  visitor: asReader('carol@late.example'),
  actor: { kind: 'reader', name: 'carol@late.example', remoteAddress: null },
}

/** All pages. */
async function allOf(viewer: Viewer): Promise<number> {
  let [count, after] = [0, undefined as string | undefined]
  do {
    const page = await list('', after, slowly(0), viewer)
    count += page.messages.length
    after = page.next
  } while (after !== undefined)
  return count
}

test('all of what came in one second is listed, also to an address that was new a moment ago', async () => {
  expect(await allOf(admin(['late.example']))).toBe(0)
  const mails = Array.from({ length: 450 }, () => ({ recipient: 'carol@late.example', receivedAt: NOW }))
  await hold(database.storage, ...mails)
  expect(await allOf(carol)).toBe(450)
  expect(await allOf(admin(['late.example']))).toBe(450)
})

test('who has more address ids than a statement takes still sees their mail, and a summary of it', async () => {
  const spellings = ['carol', 'Carol', 'CAROL'].map(local => `${local}@late.example`)
  const rows = spellings.flatMap(email =>
    Array.from({ length: 1700 }, (_, tag) => ({
      ...{ partition_tag: tag + 1, email, domain: 'example.late' },
    })),
  )
  for (const chunk of chunks(rows))
    await database.storage.sql
      .insertInto('maddr')
      .values(chunk as never)
      .execute()
  expect((await list('', undefined, slowly(0), carol)).messages).toHaveLength(25)
  const request = { days: 1, timeZone: 'UTC' }
  const counted = async () => (await summaryOf(deps(), carol, request)).days
  await expect.poll(counted).toEqual([{ day: '2026-03-11', counts: { spam: 450 } }])
})
