import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/ground/durations.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { deliverUntilDone } from '../../../src/work/digest/send/deliver-until-done.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold, purge } from '../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'
import { releaseItem } from '../../embedded/release-item.ts'
import { openWholeDigest } from './by-link.ts'

const ALICE = 'alice@example.com'

test('a long digest is sorted once for all its pages, but shows each message in its present state', async () => {
  const program = await embeddedProgram()
  const { deps, statements, time } = program
  const keys = await holdMany(program, 620)
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  const token = await digestTokenOf(program)
  const first = await openWholeDigest(deps, token, 1)
  statements.length = 0
  const pages = [first]
  for (const page of [2, 3, 4, 5, 6, 7]) pages.push(await openWholeDigest(deps, token, page))
  // The digest, its items of this page, their mail, their releases, the reader's language.
  expect(statements).toHaveLength(6 * 5)
  const shown = pages.flatMap(page => page.entries.map(entry => entry.mail?.mailId))
  expect(new Set(shown).size).toBe(620)
  expect(pages.map(page => page.entries.length)).toEqual([100, 100, 100, 100, 100, 100, 20])
  const scores = pages.flatMap(page => page.entries.map(entry => entry.mail?.score ?? 0))
  expect(scores).toEqual(scores.toSorted((a, b) => a - b))

  const gone = keys.find(key => key.mailId === shown[0])
  if (gone) await purge(program.storage, gone)
  expect((await openWholeDigest(deps, token, 1)).entries[0]).toMatchObject({ mail: undefined })
  // A minute later it stands at the end, with the messages that are gone.
  time.now += MINUTE
  expect((await openWholeDigest(deps, token, 7)).entries.at(-1)).toMatchObject({ mail: undefined })
})

test('a mail about 500 messages stays below what Gmail shows, and links to the page that lists all 500', async () => {
  const program = await embeddedProgram()
  const { deps, mailer } = program
  await holdMany(program, 500)
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  await deliverUntilDone(deps, { dueAt: NOW })
  const { html = '', text = '' } = mailer.attempts[0] ?? {}
  expect(Buffer.byteLength(html)).toBeLessThan(102_400)
  const rows = html.match(/\/release\//g)?.length ?? 0
  expect(rows).toBeGreaterThan(50)
  for (const part of [html, text]) {
    expect(part).toContain(`And ${500 - rows} more messages.`)
    expect(part).toContain('View all 500 in the browser')
  }
  const [, token = ''] = /\/digest\/([\w.-]+)/.exec(html) ?? []
  expect(await openWholeDigest(deps, token, 5)).toMatchObject({ total: 500, all: 500, pages: 5 })
})

test('a short digest is sorted afresh each time', async () => {
  const program = await embeddedProgram()
  const { deps } = program
  const [key] = await holdMany(program, 3)
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  const token = await digestTokenOf(program)
  await openWholeDigest(deps, token, 1)
  if (key) await purge(program.storage, key)
  expect((await openWholeDigest(deps, token, 1)).entries.at(-1)).toMatchObject({ mail: undefined })
})

test('a message that a release found to be gone no longer has a button', async () => {
  const program = await embeddedProgram()
  const { deps, rows, transport } = program
  await holdMany(program, 2)
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  transport.answer = () => ({ outcome: 'gone', reply: "450 4.5.0 Failure: Can't open sql obj for reading" })
  const [item] = await rows('digest_item')
  const actor = { kind: 'reader', name: ALICE, remoteAddress: null } as const
  const request = { itemId: item?.item_id ?? '', actor, requestedBy: ALICE, confirmed: false, again: false }
  await releaseItem(deps, request)
  const { entries } = await openWholeDigest(deps, await digestTokenOf(program), 1)
  const states = entries.map(({ mail }) => [mail?.mailId === item?.mail_id, mail?.state])
  expect(new Map(states as [boolean, string][])).toEqual(
    new Map([
      [true, 'gone'],
      [false, 'held'],
    ]),
  )
})

test('claiming looks up items by their ids, however many are waiting', async () => {
  const program = await embeddedProgram()
  const { deps, statements, state } = program
  await holdMany(program, 500)
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  const itemStatements = statements.filter(text => /"item_id" in \(/.test(text))
  expect(itemStatements.length).toBeGreaterThan(1)
  for (const text of itemStatements) {
    const plan = await sql<{
      detail: string
    }>`explain query plan ${sql.raw(text.replaceAll('?', 'null'))}`.execute(state.sql)
    expect(plan.rows[0]?.detail).toContain('(item_id=?)')
  }
})

const holdMany = ({ storage }: EmbeddedProgram, count: number) =>
  hold(
    storage,
    ...Array.from({ length: count }, (_, index) => ({
      recipient: ALICE,
      receivedAt: NOW - HOUR - index * 1000,
      score: 5 + ((index * 7) % 50) / 10,
    })),
  )

async function digestTokenOf({ deps, rows }: EmbeddedProgram): Promise<string> {
  const [row] = await rows('digest_digest')
  if (!row) throw new Error('no digest was made')
  const shown = { digestId: row.digest_id, reader: row.reader, createdAt: Number(row.created_at) }
  return deps.urls.ofDigest(shown, shown.createdAt).digest.split('/').at(-1) ?? ''
}
